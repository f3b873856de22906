// strongroom completion
#include "client/cli/commands/completion.h"

#include <array>
#include <map>
#include <ostream>
#include <set>

#include <fmt/format.h>

#include "client/cli/command.h"

namespace strongroom::cli {
namespace {

constexpr std::array kPositionals = {
    Positional{"SHELL", Positional::Need::Required, "bash or zsh",
               one_of([] { return std::vector<std::string>{"bash", "zsh"}; })},
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words)
    text += (text.empty() ? "" : " ") + word;
  return text;
}

// What the script has for a value: words, or a mark for what the shell finds out.
std::string offer(const Values& values) {
  switch (values.kind) {
    case Values::Kind::Any: return "";
    case Values::Kind::Files: return "@files";
    case Values::Kind::Keys: return "@keys";
    case Values::Kind::Words:
    case Values::Kind::Names: return joined(values.words());
  }
  return "";
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
      arguments += fmt::format(" '{}'", offer(positional.values));
    text += fmt::format("    '{}') options='{}'; arguments=({} ) ;;\n", command->words,
                        option_names(command->options), arguments);
  }
  return text;
}

// Those of options with values. `before` is what the pattern has in front of the option: a
// command's words behind a quotation mark, or what stands for those of any command.
std::string value_branches(std::string_view before, std::span<const Option> options) {
  std::string text;
  for (const Option& option : options)
    if (!option.argument.empty())
      text +=
          fmt::format("    {} --{}') values='{}' ;;\n", before, option.name, offer(option.values));
  return text;
}

std::string value_branches() {
  std::string text = value_branches("*'", kGlobalOptions);
  for (const Command* command : commands())
    text += value_branches(fmt::format("'{}", command->words), command->options);
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
constexpr std::string_view kSharedPart = R"sh(_strongroom_tables() {{
  options= arguments=()
  case $1 in
{}  esac
}}

_strongroom_value() {{
  values=
  case "$1 $2" in
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
      if _strongroom_value "$command" "$word"; then pending=$word; fi
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
  if [[ -n $pending ]]; then _strongroom_value "$command" "$pending"; return; fi
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
)sh";

std::string shared_part() {
  return fmt::format(kSharedPart, command_branches(), value_branches(), group_branches(),
                     option_names(kGlobalOptions), first_words());
}

Outcome<> run(const Invocation& invocation) {
  std::string shell = invocation.arguments.positional(0).value_or("");
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
