/** The heads of arrows: each drawing has one of its own, in the colour of the line that it is on. */

interface Props {
  readonly id: string;
  /** How far along the head the line ends, of its length of 10. */
  readonly endsAt: number;
  readonly size: number;
  /** How far its back is hollow, of its length of 10. */
  readonly hollow: number;
}

export function ArrowHead({ id, endsAt, size, hollow }: Props) {
  return (
    <defs>
      <marker
        {...{ id, viewBox: '0 0 10 10', refX: endsAt, refY: 5, markerWidth: size, markerHeight: size }}
        markerUnits="userSpaceOnUse"
        orient="auto"
      >
        <path d={`M0 0 10 5 0 10 ${hollow} 5z`} fill="context-stroke" />
      </marker>
    </defs>
  );
}
