/** A forwarding thread whose self-test fails. */
throw new Error('no such system call.');
