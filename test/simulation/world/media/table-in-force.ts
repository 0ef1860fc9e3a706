/** The table that a media path follows, with the addresses that have proved themselves: which member is where, and what of ours is sent. */
import { type AddressedTable, EMPTY_TABLE, placesOf } from '../../../../actors/media/addressed-table.ts';
import { MemberPlaces } from '../../../../actors/media/member-places.ts';
import { pathTable } from '../../../../actors/media/path-table.ts';
import type { Endpoint, PathRoute } from '../../../../infra/path/contract.ts';
import { PathState } from '../../../../infra/path/state.ts';
import type { PeerId, StreamName } from '../../../../machines/messages.ts';
import type { TransportTable } from '../../../../machines/ports.ts';
import type { MediaSource } from './source.ts';

export interface TableInForceHost {
  /** Of the own streams. */
  readonly sources: ReadonlyMap<StreamName, MediaSource>;
  /** Else every hop gets the same packets. */
  readonly isSealed: boolean;
  /** Whether the path holds relayed streams to their limits: one simulated packet may be more than its buckets hold. */
  readonly isLimited: boolean;
  /** Whether nothing of this owner's streams is taken from there any more. */
  readonly isRefused: (owner: PeerId, via: PeerId) => boolean;
}

export class TableInForce {
  readonly path = new PathState();
  readonly #host: TableInForceHost;
  #table = EMPTY_TABLE;
  #places = new MemberPlaces([]);
  #sources: ReadonlyMap<number, MediaSource> = new Map();

  constructor(host: TableInForceHost) {
    this.#host = host;
  }

  get table(): AddressedTable {
    return this.#table;
  }

  /** Of the own streams that it names, by SSRC. */
  get sources(): ReadonlyMap<number, MediaSource> {
    return this.#sources;
  }

  memberAt(place: Endpoint): PeerId | undefined {
    return this.#places.at(place);
  }

  placeOf(peer: PeerId | 'all'): Endpoint | undefined {
    return placesOf(this.#table, [peer])[0];
  }

  /**
   * The path goes on as before until {@link setPath}.
   *
   * @returns whether a route is not what it was
   */
  replace(addressed: AddressedTable): boolean {
    const { isSealed, sources } = this.#host;
    const table = isSealed ? addressed : inTheClear(addressed);
    const moved = routesText(table) !== routesText(this.#table);
    this.#table = table;
    this.#places = new MemberPlaces(table.members);
    this.#sources = new Map(
      table.own.flatMap(({ stream, ssrc }) => {
        const source = sources.get(stream);
        return source === undefined ? [] : [[ssrc, source]];
      }),
    );
    return moved;
  }

  /** The path goes by this table, and by who is refused now. */
  setPath(): readonly PathRoute[] {
    const { isLimited, isRefused } = this.#host;
    const { routes, sinks, reporters } = pathTable(this.#table, isRefused);
    const limited = isLimited ? routes : routes.map((route) => ({ ...route, limitBps: null }));
    this.path.setTable({ routes: limited, sinks, reporters });
    return routes;
  }
}

/** What of a table says where packets go; agreements' promises alone do not. */
function routesText({ own, relayed }: TransportTable): string {
  const hops = own.flatMap(({ stream, hops }) => hops.map(({ peer, slices }) => `${stream}>${peer}/${slices}`));
  const legs = relayed.flatMap(({ client, stream, legs }) =>
    legs.map(({ receiver, slices }) => `${client} ${stream}>${receiver}/${slices}`),
  );
  return `${hops.sort()} ${legs.sort()}`;
}

/** Nothing is sealed, so every hop gets the same packets. */
function inTheClear(table: AddressedTable): AddressedTable {
  return {
    ...table,
    own: table.own.map((stream) => ({ ...stream, holders: [] })),
    members: table.members.map((member) => ({ ...member, isSealed: false })),
  };
}
