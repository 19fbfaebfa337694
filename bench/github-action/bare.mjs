// The least that a script can do: sign in to Port.
await fetch(`${process.env.INPUT_BASEURL}/v1/auth/access_token`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    clientId: process.env.INPUT_CLIENTID,
    clientSecret: process.env.INPUT_CLIENTSECRET,
  }),
})
