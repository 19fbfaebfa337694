import type {
  DispatchableMethod,
  InvocationMethod,
  InvocationType,
  RenderedMethod,
} from '@port-dispatch/core/action'
import { expectTypeOf, it } from 'vitest'

// Checked by tsc. That each schema gives its interface is what the types of the schema tables say.

it('the type of a method tells its fields', () => {
  expectTypeOf<Extract<RenderedMethod, { type: 'GITHUB' }>['org']>().toEqualTypeOf<string>()
  expectTypeOf<Extract<InvocationMethod, { type: 'GITHUB' }>['workflow']>().toEqualTypeOf<
    string | number
  >()
  expectTypeOf((method: RenderedMethod) => {
    switch (method.type) {
      case 'GITLAB':
        return method.projectName
      case 'WEBHOOK':
        return method.url
      case 'UNLISTED':
        return method.whatever
      default:
        return method.type
    }
  }).returns.not.toBeAny()
})

it('every listed type has a definition and a rendered form', () => {
  expectTypeOf<Exclude<InvocationMethod['type'], 'UNLISTED'>>().toEqualTypeOf<InvocationType>()
  expectTypeOf<RenderedMethod['type']>().toEqualTypeOf<InvocationMethod['type']>()
})

it('what is dispatched is one of five', () => {
  expectTypeOf<DispatchableMethod['type']>().toEqualTypeOf<
    'GITHUB' | 'GITLAB' | 'WEBHOOK' | 'KAFKA' | 'UPSERT_ENTITY'
  >()
})
