import type { Exchange } from '@port-dispatch/sandbox'
import type { FoundOperation } from './openapi.ts'
import { type ServiceContract, services } from './services.ts'

/**
 * Checks a request and its answer against the service's API description.
 *
 * @returns one line for each violation. A request that was refused (4xx) need not fit the
 *   description, but what the service said to it must.
 */
export function checkExchange(exchange: Exchange): string[] {
  if (exchange.service === 'pages') return []
  const service = services[exchange.service]
  const found = service.api.find(exchange.method, exchange.path.slice(service.base.length))
  const violations = found
    ? [
        ...(exchange.status < 400 ? checkRequest(service, found, exchange) : []),
        ...checkAnswer(service, found, exchange),
      ]
    : ['is not an operation that the API describes']
  const line = `${exchange.method} ${exchange.path} -> ${exchange.status}`
  return violations.map((violation) => `${line}: ${violation}`)
}

function checkRequest(
  { api }: ServiceContract,
  { operation, pointer, pathParameters }: FoundOperation,
  { query, requestText, requestBody }: Exchange,
): string[] {
  const violations: string[] = []
  const merged = operation['x-parameters-in-query-or-body'] === true
  const known = new Set<string>()
  for (const [index, entry] of (operation.parameters ?? []).entries()) {
    const { value: parameter, pointer: elsewhere } = api.resolve(entry)
    known.add(parameter.name)
    const given = parameter.in === 'path' ? pathParameters[parameter.name] : query[parameter.name]
    const at = `${parameter.in} parameter ${parameter.name}`
    if (given === undefined) {
      if (parameter.required) violations.push(`${at} is missing`)
      continue
    }
    const place = [...(elsewhere ?? [...pointer, 'parameters', String(index)]), 'schema']
    const readings = readingsOf(given).map((reading) => api.check(place, reading))
    const [asText = []] = readings
    if (readings.every((problems) => problems.length > 0))
      violations.push(...asText.map((problem) => `${at}: ${problem}`))
  }
  for (const name of Object.keys(query))
    if (!merged && !known.has(name)) violations.push(`query parameter ${name} is not described`)

  const body = merged ? { ...query, ...(requestBody as object | undefined) } : requestBody
  if (operation.requestBody) {
    if (body === undefined && (operation.requestBody.required || requestText !== ''))
      violations.push(requestText === '' ? 'the body is missing' : 'the body cannot be read')
    else if (body !== undefined)
      violations.push(
        ...api
          .check([...pointer, 'requestBody', 'content', 'application/json', 'schema'], body)
          .map((problem) => `request body: ${problem}`),
      )
  } else if (requestText !== '' && requestText !== '{}')
    violations.push('has a body, none is described')
  return violations
}

/** A parameter is text on the wire: what it may mean as a number or a boolean. */
function readingsOf(text: string): unknown[] {
  const number = Number(text)
  return [
    text,
    ...(text !== '' && !Number.isNaN(number) ? [number] : []),
    ...(text === 'true' || text === 'false' ? [text === 'true'] : []),
    text.split(','),
  ]
}

function checkAnswer(
  { api, error }: ServiceContract,
  { operation, pointer }: FoundOperation,
  { service, method, status, responseHeaders, responseText, responseBody }: Exchange,
): string[] {
  if (status === 304 && method === 'GET' && service === 'github')
    return responseText === '' ? [] : ['a 304 has no body']
  const described = operation.responses[status]
  if (!described && status >= 400)
    return [
      ...api.check(error, responseBody).map((problem) => `error: ${problem}`),
      ...(service === 'github' && !hasMessage(responseBody) ? ['error: has no message'] : []),
    ]
  if (!described) {
    const successes = Object.keys(operation.responses).filter((code) => code.startsWith('2'))
    // The excerpt of Port's document leaves out the answers to some operations.
    return successes.length === 0 && status < 300 ? [] : ['the status is not described']
  }
  const { value: answer, pointer: elsewhere } = api.resolve(described)
  const missing = Object.entries(answer.headers ?? {})
    .filter(([name, header]) => header.required && !(name.toLowerCase() in responseHeaders))
    .map(([name]) => `the header ${name} is missing`)
  if (!answer.content?.['application/json'])
    return [...missing, ...(responseText === '' ? [] : ['has a body, none is described'])]
  const type = responseHeaders['content-type'] ?? ''
  // GitHub answers `Accept: application/vnd.github.raw` with the file itself.
  if (service === 'github' && type.startsWith('application/vnd.github.raw')) return missing
  if (!type.startsWith('application/json')) return [`the answer is ${type}, not JSON`]
  const place = elsewhere ?? [...pointer, 'responses', String(status)]
  return [
    ...missing,
    ...api
      .check([...place, 'content', 'application/json', 'schema'], responseBody)
      .map((problem) => `answer: ${problem}`),
  ]
}

function hasMessage(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'message' in body
}
