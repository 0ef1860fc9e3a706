/** Where a packet of the latency benchmark carries its time of sending: a double right behind the RTP header, in us. */
export const STAMP_AT = 12;
