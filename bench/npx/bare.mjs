#!/usr/bin/env node
// The least that a script can do for the same report: sign in to Port, and change the run.
const {
  PORT_BASE_URL: url,
  PORT_CLIENT_ID: clientId,
  PORT_CLIENT_SECRET: clientSecret,
} = process.env
const headers = { 'content-type': 'application/json' }
const signedIn = await fetch(`${url}/v1/auth/access_token`, {
  method: 'POST',
  headers,
  body: JSON.stringify({ clientId, clientSecret }),
})
const { accessToken } = await signedIn.json()
const changed = await fetch(`${url}/v1/actions/runs/${process.env.PORT_RUN_ID}`, {
  method: 'PATCH',
  headers: { ...headers, authorization: `Bearer ${accessToken}` },
  body: JSON.stringify({ statusLabel: 'Running', link: process.env.CI_PIPELINE_URL }),
})
if (!changed.ok) process.exitCode = 1
