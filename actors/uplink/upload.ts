/** What a person says of the uplink, and what the profile then says of it. */
import type { LinePart } from '../../machines/messages.ts';
import { USED } from '../../machines/uplink/used.ts';

/** Rates are bit/s of UDP payload. */
export interface UploadChoice {
  /** `--upload`: what it carries at most, believed until the line shows that it carries less; null: it is measured. */
  readonly uploadBps: number | null;
  /** `--lend`: what others may have of it at most; null: all of it. */
  readonly lendBps: number | null;
  /** `--headroom`, as a share. */
  readonly headroom: number;
}

/** What a profile says of an uplink, in bit/s of UDP payload. */
export interface ToldUpload {
  readonly uploadBps: number;
  readonly usableBps: number;
  readonly lendBps: number;
  readonly line: LinePart | null;
}

/** Until it is measured an uplink is taken to carry so much: a voice and a small picture on the slowest ones. */
const UNMEASURED_BPS = 500_000;
/** Who measures nothing and is told nothing takes its uplink for a usual one. */
const USUAL_BPS = 10_000_000;

/**
 * What is told before anything is measured, and for as long as a figure is believed.
 *
 * @param nearBps what goes to members without passing the line
 */
export function toldAtFirst(
  { uploadBps, lendBps, headroom }: UploadChoice,
  measures: boolean,
  nearBps = 0,
): ToldUpload {
  const bps = (uploadBps ?? (measures ? UNMEASURED_BPS : USUAL_BPS)) + nearBps;
  return { uploadBps: bps, usableBps: bps * headroom, lendBps: Math.min(lendBps ?? bps, bps), line: null };
}

/**
 * @param line what a measured line lets us send: it leaves some of it free already, and `--headroom` takes what it wants beyond that
 * @param nearBps what goes to members without passing the line
 */
export function toldAsMeasured(line: LinePart, nearBps: number, { lendBps, headroom }: UploadChoice): ToldUpload {
  const bps = line.bps + nearBps;
  return {
    uploadBps: bps,
    usableBps: bps * Math.min(1, headroom / USED),
    lendBps: Math.min(bps, lendBps ?? bps),
    line,
  };
}
