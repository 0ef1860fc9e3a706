/** What a player can leave unread, in bytes: a key frame must not get lost where it is counted. Linux grants at most rmem_max. */
export const PLAYER_BUFFER_BYTES = 4_000_000;
