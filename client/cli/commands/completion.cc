// strongroom completion
#include "client/cli/commands/completion.h"

#include <array>
#include <map>
#include <ostream>
#include <set>

#include <fmt/format.h>

#include "client/cli/command.h"
#include "client/cli/format/names.h"
#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::array kPositionals = {
    Positional{"SHELL", Positional::Need::Required, "bash or zsh"},
};

// What may stand for an option's value or an argument: words, or what the shell finds out.
constexpr std::string_view kFiles = "@files";
constexpr std::string_view kKeys = "@keys";

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string values_of(const Option& option) {
  if (option.argument == "FILE" || option.argument == "PATH|URI") return std::string(kFiles);
  if (option.name == "type") return joined(type_names());
  if (option.name == "algorithm") return joined(algorithm_names());
  if (option.name == "usage") return joined(all_usage_names());
  if (option.name == "hash") return joined(hash_names());
  if (option.name == "provider") return joined(provider_names());
  if (option.name == "color") return "auto always never";
  if (option.name == "sort") return "name type algorithm provider";
  if (option.argument == "FORMAT") return "pem der raw hex base64";
  return "";
}

std::string values_of(const Positional& positional) {
  if (positional.name == "FILE") return std::string(kFiles);
  if (positional.name == "SHELL") return "bash zsh";
  // The name of a key that is to be is nobody's to guess.
  return positional.help == "the key" ? std::string(kKeys) : "";
}

std::string option_names(std::span<const Option> options) {
  std::string text;
  for (const Option& option : options)
    text += fmt::format("{}--{}", text.empty() ? "" : " ", option.name);
  return text;
}

// The branches of `case` that tell of commands: `words`, `options` and `arguments`.
std::string command_branches() {
  std::string text;
  for (const Command* command : commands()) {
    std::string arguments;
    for (const Positional& positional : command->positionals)
      arguments += fmt::format(" '{}'", values_of(positional));
    text += fmt::format("    '{}') options='{}'; arguments=({} ) ;;\n", command->words,
                        option_names(command->options), arguments);
  }
  return text;
}

// Those of options with values, each once: an option's name means the same with every command.
std::string value_branches() {
  std::set<std::string_view> seen;
  std::string text;
  auto add = [&](const Option& option) {
    if (option.argument.empty() || !seen.insert(option.name).second) return;
    text += fmt::format("    --{}) values='{}' ;;\n", option.name, values_of(option));
  };
  for (const Option& option : kGlobalOptions)
    add(option);
  for (const Command* command : commands())
    for (const Option& option : command->options)
      add(option);
  return text;
}

// First words, and the second words of each that has some.
std::string first_words() {
  std::set<std::string> words = {"help"};
  for (const Command* command : commands())
    words.insert(std::string(command->words.substr(0, command->words.find(' '))));
  return joined({words.begin(), words.end()});
}

std::string group_branches() {
  std::map<std::string, std::string> groups;
  for (const Command* command : commands()) {
    std::size_t space = command->words.find(' ');
    if (space == std::string_view::npos) continue;
    std::string& seconds = groups[std::string(command->words.substr(0, space))];
    seconds += fmt::format("{}{}", seconds.empty() ? "" : " ", command->words.substr(space + 1));
  }
  std::string text;
  for (const auto& [group, seconds] : groups)
    text += fmt::format("    {}) seconds='{}' ;;\n", group, seconds);
  return text;
}

// Both shells run this with the words before the one to complete in `before`. It leaves in `values`
// what may follow, and in `globals` the options with which to ask the service for names.
std::string shared_part() {
  return fmt::format(R"sh(_strongroom_tables() {{
  options= arguments=()
  case $1 in
{}  esac
}}

_strongroom_value() {{
  values=
  case $1 in
{}    *) return 1 ;;
  esac
}}

_strongroom_group() {{
  seconds=
  case $1 in
{}  esac
}}

_strongroom_analyse() {{
  local word command= pending= only_arguments= seconds= count=0
  values= globals=()
  for word in "${{before[@]}}"; do
    if [[ -n $pending ]]; then
      case $pending in
        --socket|--provider|--app-name) globals+=("$pending" "$word") ;;
      esac
      pending=
    elif [[ -z $only_arguments && $word == -- ]]; then
      only_arguments=1
    elif [[ -z $only_arguments && $word == --insecure-socket ]]; then
      globals+=("$word")
    elif [[ -z $only_arguments && $word == --* ]]; then
      if _strongroom_value "$word"; then pending=$word; fi
    elif [[ -z $command ]]; then
      [[ $word == help ]] && continue
      command=$word
      _strongroom_group "$word"
    elif [[ -n $seconds ]]; then
      command="$command $word"
      seconds=
    else
      count=$((count + 1))
    fi
  done
  if [[ -n $pending ]]; then _strongroom_value "$pending"; return; fi
  values=
  _strongroom_tables "$command"
  if [[ -z $only_arguments && $current == -* ]]; then
    values="$options {}"
  elif [[ -z $command ]]; then
    values='{}'
  elif [[ -n $seconds ]]; then
    values=$seconds
  else
    for word in "${{arguments[@]}}"; do
      if [[ $count == 0 ]]; then values=$word; break; fi
      count=$((count - 1))
    done
  fi
}}
)sh",
                     command_branches(), value_branches(), group_branches(),
                     option_names(kGlobalOptions), first_words());
}

Outcome<> run(const Invocation& invocation) {
  std::string shell = invocation.arguments.positional(0).value_or("");
  if (shell != "bash" && shell != "zsh")
    return failed(ExitCode::Usage,
                  fmt::format("reading the command line: no completion for '{}'", visible(shell)),
                  "it is one of bash, zsh");
  invocation.streams.out << (shell == "bash" ? bash_completion() : zsh_completion());
  return {};
}

}  // namespace

std::string bash_completion() {
  return "# bash completion for strongroom: source it, or put it into\n"
         "# ~/.local/share/bash-completion/completions/strongroom\n" +
         shared_part() + R"sh(
_strongroom() {
  local current=${COMP_WORDS[COMP_CWORD]} before=() values options arguments globals name plain
  before=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
  before=("${before[@]//\\/}")
  COMPREPLY=()
  # '=' is a word of its own.
  if [[ $current == = ]]; then current=; else
    [[ ${#before[@]} -gt 0 && ${before[-1]} == = ]] && unset 'before[-1]'
  fi
  _strongroom_analyse
  case $values in
    @files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    @keys)
      # As it will be when the shell has read it.
      case $current in
        [\'\"]*) plain=${current:1} ;;
        *) plain=${current//\\/} ;;
      esac
      while IFS= read -r name; do
        [[ $name != *\\* && $name == "$plain"* ]] && COMPREPLY+=("$(printf %q "$name")")
      done < <("${COMP_WORDS[0]}" "${globals[@]}" --timeout 2 key list --names 2>/dev/null </dev/null) ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$values" -- "$current") ;;
  esac
}
complete -F _strongroom strongroom
)sh";
}

std::string zsh_completion() {
  return "#compdef strongroom\n"
         "# zsh completion for strongroom: put it as _strongroom into a directory of $fpath.\n" +
         shared_part() + R"sh(
_strongroom() {
  local current=$words[CURRENT] values options
  local -a before arguments globals names
  before=("${(@)words[2,CURRENT-1]}")
  before=("${(@Q)before}")
  _strongroom_analyse
  case $values in
    @files) _files ;;
    @keys)
      names=(${(f)"$($words[1] $globals --timeout 2 key list --names 2>/dev/null </dev/null)"})
      names=(${names:#*\\*})
      compadd -a names ;;
    *) compadd -- ${=values} ;;
  esac
}

if [[ $funcstack[1] == _strongroom ]]; then _strongroom "$@"; else compdef _strongroom strongroom; fi
)sh";
}

const Command kCompletion = {
    .words = "completion",
    .summary = "print a script that completes command lines in bash or zsh",
    .options = {},
    .positionals = kPositionals,
    .run = run,
};

}  // namespace strongroom::cli
