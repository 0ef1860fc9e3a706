/** Between us and one other end: a UDP address, or a TCP connection. */
export interface Flow {
  readonly transport: 'udp' | 'tcp';
  /** The other's, as packets come from it: a literal. */
  readonly host: string;
  readonly port: number;
}

/** Where messages go; how they get there is outside. */
export type SendTo = (flow: Flow, bytes: Uint8Array) => void;
