/** Format parameters as the bus takes them: as long, and with nothing that ends a line of an SDP file. */
export const MAX_FMTP = 1024;
export const FMTP = new RegExp(`^[\\x20-\\x7e]{1,${MAX_FMTP}}$`);
