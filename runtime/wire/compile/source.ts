/** Collects the text of generated functions, and the values that they refer to. */
export class Source {
  readonly constants: unknown[] = []
  readonly #functions: string[] = []
  readonly #names = new Map<unknown, string>()
  #unique = 0

  /** A name that is used nowhere else. */
  fresh(prefix: string): string {
    return `${prefix}${this.#unique++}`
  }

  /** The name under which generated code sees a value. */
  constant(value: unknown): string {
    const known = this.constants.indexOf(value)
    return `c${known >= 0 ? known : this.constants.push(value) - 1}`
  }

  /** The function of a node, generated once. The name exists before the body does, so a node may contain itself. */
  functionOf(key: unknown, prefix: string, parameters: string, body: (name: string) => string): string {
    const known = this.#names.get(key)
    if (known !== undefined) return known
    const name = this.fresh(prefix)
    this.#names.set(key, name)
    this.#functions.push(`function ${name}(${parameters}){\n${body(name)}\n}`)
    return name
  }

  /** Compiles all functions into one scope and returns what `result` evaluates to in it. */
  link<T>(scope: Readonly<Record<string, unknown>>, prologue: string, result: string): T {
    const constants = this.constants.map((_, i) => `const c${i}=constants[${i}];`).join('')
    const text = `'use strict';${constants}${prologue}\n${this.#functions.join('\n')}\nreturn ${result}`
    const make = new Function('constants', ...Object.keys(scope), text)
    return make(this.constants, ...Object.values(scope)) as T
  }
}

/** The lines of one function body, with the position kept as a variable plus a constant. */
export class Lines {
  readonly text: string[] = []
  /** Bytes past the variable `o`. */
  ahead = 0

  add(line: string): void {
    this.text.push(line)
  }
  at(plus = 0): string {
    return this.ahead + plus === 0 ? 'o' : `o+${this.ahead + plus}`
  }
  /** Makes `o` the exact position. */
  settle(): void {
    if (this.ahead !== 0) this.add(`o+=${this.ahead};`)
    this.ahead = 0
  }
}

/** A property's name in generated code. */
export const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))
export const member = (object: string, name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? `${object}.${name}` : `${object}[${JSON.stringify(name)}]`
