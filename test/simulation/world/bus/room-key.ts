/** The key of simulated rooms that have a door, and one of somebody who has guessed wrong. */
import { SecretKey } from '../../../../infra/crypto/secret-key.ts';
import { ROOM } from './bus.ts';

export const ROOM_KEY = await SecretKey.of('of the simulated room', ROOM);
export const WRONG_KEY = await SecretKey.of('of another room', ROOM);
