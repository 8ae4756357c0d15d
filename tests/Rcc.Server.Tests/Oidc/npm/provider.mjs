// A real OpenID provider for the tests. Run in the folder that holds its packages; says its issuer on one line. Whoever gives an address as its login has it, verified unless it says otherwise.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const jwk = (type, options, more) => ({ ...generateKeyPairSync(type, options).privateKey.export({ format: "jwk" }), use: "sig", ...more });
const client = (id, algorithm) => ({
  client_id: id,
  client_secret: process.env.CLIENT_SECRET,
  redirect_uris: [process.env.REDIRECT_URI],
  response_types: ["code"],
  grant_types: ["authorization_code"],
  token_endpoint_auth_method: "client_secret_post",
  id_token_signed_response_alg: algorithm,
});
const verifiedEmailOf = (login) => ({ email: login.replace(/^unverified-/, ""), email_verified: !login.startsWith("unverified-") });

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [client("rcc", "RS256"), client("rcc-es256", "ES256")],
    jwks: { keys: [jwk("rsa", { modulusLength: 2048 }, { kid: "r", alg: "RS256" }), jwk("ec", { namedCurve: "P-256" }, { kid: "e", alg: "ES256" })] },
    cookies: { keys: ["for tests only"] },
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    conformIdTokenClaims: false,
    findAccount: (_, login) => ({ accountId: login, claims: () => ({ sub: login, name: `Person ${login}`.slice(0, 90), ...(login.includes("@") ? verifiedEmailOf(login) : {}) }) }),
    features: { devInteractions: { enabled: true } },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
