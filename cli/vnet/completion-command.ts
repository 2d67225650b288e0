/** `vnet completion`: a script that completes commands and options in bash, and in zsh by its bashcompinit. */
import { allNames, demoNames } from './settings.ts'

const help = `vnet completion: print a script for bash or zsh that completes commands and options

  eval "$(vnet completion)"      in ~/.bashrc; in ~/.zshrc after: autoload -U +X bashcompinit && bashcompinit`

const common = ['config', 'help']
const options: Readonly<Record<string, readonly string[]>> = {
  host: [...allNames, ...common],
  dev: [...allNames, ...common],
  bridge: ['ovsdb', 'user-space', 'help'],
  demo: ['once', ...demoNames, ...common],
  completion: ['help'],
}

const caseOf = ([command, names]: readonly [string, readonly string[]]) =>
  `    ${command}) words="${names.map((name) => `--${name}`).join(' ')}" ;;`

const script = `_vnet() {
  local words="${Object.keys(options).join(' ')} --help --version" current="\${COMP_WORDS[COMP_CWORD]}"
  [ "$COMP_CWORD" = 1 ] || case "\${COMP_WORDS[1]}" in
${Object.entries(options).map(caseOf).join('\n')}
    *) words= ;;
  esac
  case "$COMP_CWORD $current" in 1\\ *|*\\ -*) ;; *) words= ;; esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _vnet vnet`

export async function run(argv: string[]): Promise<number> {
  if (argv.length > 0) {
    const asks = argv.includes('--help') || argv.includes('-h')
    ;(asks ? console.log : console.error)(help)
    return asks ? 0 : 2
  }
  console.log(script)
  return 0
}
