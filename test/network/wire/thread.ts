/** The thread that carries packets from one end of each wire to the other. It waits in the kernel, so that it is never late. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { POLLIN, readPacket, runAhead, waitReadable, writePacket } from '../parts/system-calls.ts';
import { DelayLine } from './delay-line.ts';
import type { Done, Order, ThreadData } from './thread-contract.ts';

/** How long an order, or the end, waits at most, in ms. */
const LOOKS_EVERY_MS = 5;
/** How many packets are read from one device before the others get their turn. */
const TURN = 64;
/** How many turns a device gets at once: its queue is 500 packets long. */
const MOST_TURNS = 8;
const PACKET_BYTES = 65_536;

interface Direction {
  readonly from: number;
  readonly to: number;
  readonly line: DelayLine;
}

const { port, seed } = workerData as ThreadData;
const wires = new Map<number, readonly Direction[]>();
/** Of all wires. */
const directions: Direction[] = [];
const buffer = Buffer.alloc(PACKET_BYTES);
let polled = new Int32Array(0);

function obey({ wire, ends: [a, b], conditions }: Order): void {
  const laid = wires.get(wire);
  if (laid !== undefined) {
    for (const { line } of laid) line.conditions = conditions;
    return;
  }
  const lineOf = (direction: number) => new DelayLine(conditions, seed + 2 * wire + direction);
  const both = [
    { from: a, to: b, line: lineOf(0) },
    { from: b, to: a, line: lineOf(1) },
  ];
  wires.set(wire, both);
  directions.push(...both);
  polled = Int32Array.from(directions.flatMap(({ from }) => [from, POLLIN]));
}

/** What was sent before an order still goes by the conditions of before. */
function takeOrders(): void {
  for (let taken = receiveMessageOnPort(port); taken !== undefined; taken = receiveMessageOnPort(port)) {
    directions.forEach(readAll);
    obey(taken.message);
    port.postMessage('done' satisfies Done);
  }
}

/** @returns whether that was all */
function readFrom({ from, line }: Direction): boolean {
  for (let turn = 0; turn < TURN; turn++) {
    const length = readPacket(from, buffer);
    if (length <= 0) return true;
    line.put(buffer.subarray(0, length), performance.now());
  }
  return false;
}

function readAll(direction: Direction): void {
  for (let turn = 0; turn < MOST_TURNS && !readFrom(direction); turn++);
}

function writeTo({ to, line }: Direction): void {
  for (let packet = line.take(performance.now()); packet !== undefined; packet = line.take(performance.now())) {
    writePacket(to, packet);
  }
}

runAhead();
port.postMessage('done' satisfies Done);
for (;;) {
  takeOrders();
  const dueMs = Math.min(...directions.map(({ line }) => line.dueMs));
  waitReadable(polled, Math.max(0, Math.min(LOOKS_EVERY_MS, dueMs - performance.now())));
  for (const direction of directions) readFrom(direction);
  directions.forEach(writeTo);
}
