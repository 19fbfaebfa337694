import { setSecret } from '@actions/core'
import { InputError } from '@port-dispatch/core'
import { PortClient, type PortCredentials } from '@port-dispatch/core/port'
import { addressProblems, createTransport, PORT_ADDRESSES } from '@port-dispatch/dispatcher/host'
import { requiredInput, textInput } from './inputs.ts'

const SECRETS_HINT =
  'A secret that does not exist, or that workflows of forks or Dependabot cannot read, is empty.'

/** @throws InputError if a credential is missing or the address is not valid */
export function portFromInputs(): PortClient {
  const baseUrl = textInput('baseUrl')
  const problems = addressProblems('port.baseUrl', baseUrl, PORT_ADDRESSES, 'encrypted')
  if (problems.length > 0) throw new InputError('The step cannot run:', problems)
  return new PortClient({
    ...portCredentials(),
    ...(baseUrl && { baseUrl }),
    transport: createTransport(process.env),
    // Nothing here prints the access token; masked, nothing else in the job can either.
    onToken: setSecret,
  })
}

/** @throws InputError if one is missing */
export function portCredentials(): PortCredentials {
  return {
    clientId: requiredInput(
      'clientId',
      `write "clientId: \${{ secrets.PORT_CLIENT_ID }}". ${SECRETS_HINT}`,
    ),
    clientSecret: requiredInput(
      'clientSecret',
      `write "clientSecret: \${{ secrets.PORT_CLIENT_SECRET }}". ${SECRETS_HINT}`,
    ),
  }
}
