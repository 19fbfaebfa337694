// The part of the WebAssembly API that is used here. TypeScript declares it only together with the
// whole DOM, and @types/node does not.
declare namespace WebAssembly {
  type ImportValue = ((...args: number[]) => unknown) | number | Memory
  type Imports = Record<string, Record<string, ImportValue>>

  class Module {
    constructor(bytes: Uint8Array)
  }

  class Memory {
    constructor(descriptor: { initial: number })
    readonly buffer: ArrayBuffer
  }

  class Instance {
    constructor(module: Module, imports: Imports)
    readonly exports: Record<string, unknown>
  }
}
