/** A NATS operator with one account, as `nsc` would make them: the server's configuration, and credentials of its users. */
import { randomUUID } from 'node:crypto';
import { nkeys } from 'nats';

type KeyPair = ReturnType<typeof nkeys.createUser>;

export interface NatsAccount {
  /** Of a server that knows this account only. */
  readonly config: string;
  /** The text of a creds file of a new user. */
  creds(): string;
}

export function natsAccount(): NatsAccount {
  const operator = nkeys.createOperator();
  const account = nkeys.createAccount();
  const of = (pair: KeyPair) => pair.getPublicKey();
  const unlimited = { subs: -1, data: -1, payload: -1 };
  const limits = { ...unlimited, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
  const operatorJwt = jwt(operator, of(operator), { type: 'operator', version: 2 });
  const accountJwt = jwt(operator, of(account), { type: 'account', version: 2, limits });
  return {
    config: `operator: ${operatorJwt}\nresolver: MEMORY\nresolver_preload: { ${of(account)}: ${accountJwt} }\n`,
    creds: () => {
      const user = nkeys.createUser();
      const seed = new TextDecoder().decode(user.getSeed());
      const userJwt = jwt(account, of(user), { type: 'user', version: 2, ...unlimited });
      return (
        `-----BEGIN NATS USER JWT-----\n${userJwt}\n------END NATS USER JWT------\n\n` +
        `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`
      );
    },
  };
}

/** A JSON web token in the form that NATS takes (ed25519-nkey). */
function jwt(issuer: KeyPair, subject: string, nats: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { jti: randomUUID(), iat: Math.floor(Date.now() / 1000), iss: issuer.getPublicKey() };
  const text = `${part({ typ: 'JWT', alg: 'ed25519-nkey' })}.${part({ ...claims, sub: subject, name: subject, nats })}`;
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString('base64url')}`;
}
