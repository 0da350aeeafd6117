// The certified npm `oidc-provider`, for tests that the hub's client works with any provider.
//
//   node tests/support/oidc_provider.mjs PORT ISSUER CLIENT_ID CLIENT_SECRET REDIRECT_URI
//
// Prints one line beginning with "ready" when it listens (the package prints warnings before
// it); stops on SIGTERM and SIGINT.
// The package's own login form asks for any login and any password: the login becomes the
// `sub`, and the claims come from it (see `claimsOf`). ACCOUNTS, an object in JSON, overrides
// the claims of single logins: {"ada": {"email": "ada@acme.example", "email_verified": false}}.
// CLAIMS_IN_ID_TOKEN=1 puts name and e-mail into the id_token; the package's default, as the
// specification has it, gives them at userinfo only.

import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";

import Provider from "oidc-provider";

const [port, issuer, clientId, clientSecret, redirectUri] = process.argv.slice(2);
if (!redirectUri) {
  process.stderr.write("usage: oidc_provider.mjs PORT ISSUER CLIENT_ID CLIENT_SECRET REDIRECT_URI\n");
  process.exit(2);
}
const accounts = JSON.parse(process.env.ACCOUNTS ?? "{}");

function claimsOf(login) {
  const email = login.includes("@") ? login : `${login}@example.test`;
  const name = email.split("@")[0];
  return { sub: login, email, email_verified: true, name, ...accounts[login] };
}

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256", kid: "test-key" };
}

// Consent is given beforehand, so that a test has one form to fill in and not two.
async function grantEverything(ctx) {
  const { client, provider, result, session } = ctx.oidc;
  const known = result?.consent?.grantId ?? session.grantIdFor(client.clientId);
  if (known) return provider.Grant.find(known);
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope("openid email profile");
  await grant.save();
  return grant;
}

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [new URL("/", redirectUri).href],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: process.env.CLAIMS_IN_ID_TOKEN !== "1",
  cookies: { keys: [clientSecret] },
  findAccount: (_ctx, login) => ({ accountId: login, claims: async () => claimsOf(login) }),
  jwks: { keys: [signingKey()] },
  loadExistingGrant: grantEverything,
  pkce: { required: () => true },
});
provider.on("server_error", (_ctx, error) => process.stderr.write(`${error.stack}\n`));

const server = createServer(provider.callback());
server.listen(Number(port), new URL(issuer).hostname, () => process.stdout.write(`ready ${issuer}\n`));
// Everything is in memory: there is nothing to save.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
