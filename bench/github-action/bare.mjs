// The least that a script can do for the same report: sign in to Port, and change the run.
const url = process.env.INPUT_BASEURL
const headers = { 'content-type': 'application/json' }
const signedIn = await fetch(`${url}/v1/auth/access_token`, {
  method: 'POST',
  headers,
  body: JSON.stringify({
    clientId: process.env.INPUT_CLIENTID,
    clientSecret: process.env.INPUT_CLIENTSECRET,
  }),
})
const { accessToken } = await signedIn.json()
const changed = await fetch(`${url}/v1/actions/runs/r_Bench00000000001`, {
  method: 'PATCH',
  headers: { ...headers, authorization: `Bearer ${accessToken}` },
  body: JSON.stringify({ statusLabel: 'Running' }),
})
await changed.text()
