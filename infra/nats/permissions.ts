/** A server configuration in which every peer can speak only for itself and hear only what is meant for it. */

export interface NatsUser {
  /** A peer id: user name, sender token of its subjects, and name of its inbox. `[A-Za-z0-9_-]{1,32}` */
  readonly id: string;
  /** Printable ASCII without quotes or backslashes; `$NAME` stands for an environment variable of the server. */
  readonly password: string;
}

const ID = /^[A-Za-z0-9_-]{1,32}$/;
const VARIABLE = /^\$[A-Z][A-Z0-9_]*$/;
const PLAIN = /^[ !#-[\]-~]+$/;

/**
 * The text of a nats-server configuration for these users. Subjects are `rpr.v2.<room>.<from>.<to>.<kind>`.
 *
 * Answers go to the asker's inbox. Only a claim of an id is answered, by whoever holds that id, so asker and answerer
 * are the same user and the own inbox is all that is needed.
 *
 * `allow_responses` is left out on purpose: with it, a user may publish once to the reply subject of any message that it
 * received, and no server checks reply subjects. B could send itself a message with A's subject as its reply subject,
 * "answer" it, and so speak as A (seen with nats-server 2.9.10, even with A's subjects in B's deny list).
 *
 * @throws {RangeError} for an id or a password that could break out of its place
 */
export function permissionsConfig(users: readonly NatsUser[]): string {
  return `authorization {\n  users: [\n${users.map(userBlock).join('\n')}\n  ]\n}\n`;
}

function userBlock({ id, password }: NatsUser): string {
  if (!ID.test(id)) throw new RangeError(`"${id}" is not a peer id: 1 to 32 of A-Z, a-z, 0-9, _ and -.`);
  if (!PLAIN.test(password)) throw new RangeError(`The password of ${id} must be printable ASCII without " and \\.`);
  return `    {
      user: "${id}"
      password: ${VARIABLE.test(password) ? password : `"${password}"`}
      permissions: {
        publish: ["rpr.v2.*.${id}.>", "_INBOX.${id}.>"]
        subscribe: ["rpr.v2.*.*.${id}.>", "rpr.v2.*.*.all.>", "_INBOX.${id}.>"]
      }
    }`;
}
