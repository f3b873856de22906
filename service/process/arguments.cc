#include "service/process/arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <vector>

#include <boost/program_options.hpp>
#include <fmt/format.h>

#include "base/bytes.h"
#include "config/nearest.h"
#include "config/parser.h"
#include "config/values/values.h"

namespace strongroom {
namespace {

namespace options = boost::program_options;

std::unexpected<Error> wrong(std::string text) {
  return fail(Status::PsaErrorInvalidArgument, std::move(text));
}

Result<> choose(Arguments& arguments, Arguments::Task task) {
  if (arguments.task != Arguments::Task::Serve)
    return wrong(
        "only one of --check-config, --fsck, --rekey, --rotate-store-key,"
        " --recovery-secret, --recover, --accept-rollback, --forget-store-key,"
        " --migrate-parsec, --reload,"
        " --version and --help makes sense");
  arguments.task = task;
  return {};
}

Result<> set_log_level(Arguments& arguments, const std::string& word) {
  arguments.log_level = config::log_level_named(word);
  if (!arguments.log_level) return wrong(fmt::format("unknown log level '{}'", escaped(word, 64)));
  return {};
}

// Never repeated: somebody may have given the secret itself.
Result<> set_rekey(Arguments& arguments, const std::string& word) {
  auto source = config::key_source_from(word);
  if (!source) return wrong(fmt::format("--rekey must be {}", config::kKeySourceForms));
  arguments.rekey_to = *std::move(source);
  return choose(arguments, Arguments::Task::Rekey);
}

Result<> set_pcrs(Arguments& arguments, const std::string& word) {
  arguments.rekey_pcrs = config::pcrs_from(word);
  if (!arguments.rekey_pcrs) return wrong(fmt::format("--pcrs must be {}", config::kPcrsForm));
  return {};
}

Result<> set_daemon(Arguments& arguments, const std::string& word) {
  const auto end = std::from_chars(word.data(), word.data() + word.size(), arguments.daemon);
  if (end.ec != std::errc() || end.ptr != word.data() + word.size() || arguments.daemon <= 0)
    return wrong(fmt::format("'{}' is not the number of a process", escaped(word, 64)));
  return choose(arguments, Arguments::Task::Reload);
}

struct Option {
  const char* name;
  const char* value;  // what stands for it in the help; nullptr for a flag
  const char* explanation;
  Result<> (*apply)(Arguments& arguments, const std::string& value);
};

constexpr std::array kOptions = {
    Option{"config", "FILE", "read the configuration from FILE",
           [](Arguments& arguments, const std::string& value) -> Result<> {
             arguments.config = value;
             return {};
           }},
    Option{"standalone", "DIR", "use defaults, with sockets, store and key in DIR, which is ours",
           [](Arguments& arguments, const std::string& value) -> Result<> {
             arguments.standalone = value;
             return {};
           }},
    Option{"check-config", nullptr, "tell all that is wrong with the configuration, and end",
           [](Arguments& arguments, const std::string&) {
             return choose(arguments, Arguments::Task::CheckConfiguration);
           }},
    Option{"fsck", nullptr, "open every sealed record of the store, tell what is wrong, and end",
           [](Arguments& arguments, const std::string&) {
             return choose(arguments, Arguments::Task::CheckStore);
           }},
    Option{"accept", nullptr, "with --fsck: take the store as it is for right from now on",
           [](Arguments& arguments, const std::string&) -> Result<> {
             arguments.accept = true;
             return {};
           }},
    Option{"init", nullptr, "make a new store although its key exists already",
           [](Arguments& arguments, const std::string&) -> Result<> {
             arguments.init = true;
             return {};
           }},
    Option{"rekey", "SOURCE", "seal the store by another key source, too: tpm:tpm, for example",
           set_rekey},
    Option{"pcrs", "PCRS", "with --rekey tpm: bind the secret to these PCRs: sha256:0,7", set_pcrs},
    Option{"rotate-store-key", nullptr, "seal every record anew under a new key, and end",
           [](Arguments& arguments, const std::string&) {
             return choose(arguments, Arguments::Task::Rotate);
           }},
    Option{"recovery-secret", nullptr, "make a new recovery secret of the store, show it, and end",
           [](Arguments& arguments, const std::string&) {
             return choose(arguments, Arguments::Task::RenewRecoverySecret);
           }},
    Option{"recover", nullptr,
           "seal the store by its key source, after asking for the recovery secret",
           [](Arguments& arguments, const std::string&) {
             return choose(arguments, Arguments::Task::Recover);
           }},
    Option{"accept-rollback", nullptr,
           "take the store for the newest, whatever its rollback counter says, and end",
           [](Arguments& arguments, const std::string&) {
             return choose(arguments, Arguments::Task::AcceptRollback);
           }},
    Option{"forget-store-key", nullptr,
           "remove a store without keys, and its key: for an image of this machine",
           [](Arguments& arguments, const std::string&) {
             return choose(arguments, Arguments::Task::Forget);
           }},
    Option{"migrate-parsec", "FILE",
           "take over keys of Parsec's service, which has configuration FILE",
           [](Arguments& arguments, const std::string& value) {
             arguments.parsec.config = value;
             return choose(arguments, Arguments::Task::MigrateParsec);
           }},
    Option{"mbed-crypto-keys", "DIR", "with --migrate-parsec: where it has its files *.psa_its",
           [](Arguments& arguments, const std::string& value) -> Result<> {
             arguments.parsec.keys = value;
             return {};
           }},
    Option{"dry-run", nullptr, "with --migrate-parsec: tell what would be done, and do nothing",
           [](Arguments& arguments, const std::string&) -> Result<> {
             arguments.parsec.is_dry_run = true;
             return {};
           }},
    Option{"reload", "PID", "let that daemon read its configuration again, tell what comes of it",
           set_daemon},
    Option{"log-level", "LEVEL", "trace, debug, info, warning, error or off", set_log_level},
    Option{"version", nullptr, "show the version, and end",
           [](Arguments& arguments, const std::string&) {
             return choose(arguments, Arguments::Task::ShowVersion);
           }},
    Option{"help", nullptr, "show this text, and end",
           [](Arguments& arguments, const std::string&) {
             return choose(arguments, Arguments::Task::ShowHelp);
           }},
};

std::string hint_for(const std::string& unknown) {
  std::vector<std::string_view> names;
  names.reserve(kOptions.size());
  for (const Option& option : kOptions)
    names.emplace_back(option.name);
  const std::string bare = unknown.substr(std::min(unknown.find_first_not_of('-'), unknown.size()));
  const auto meant = config::nearest(bare, names);
  return meant ? fmt::format("; did you mean '--{}'?", *meant) : std::string();
}

// What is wrong with a known option that Boost found with a value too many or too few.
std::string misuse_of(const std::string& given) {
  for (const Option& option : kOptions) {
    if (given != fmt::format("--{}", option.name)) continue;
    if (option.value != nullptr) return fmt::format("--{} needs {}", option.name, option.value);
    return fmt::format("--{} takes no value", option.name);
  }
  return fmt::format("'{}' is not understood", escaped(given, 64));
}

// The one place where Boost's exceptions are met.
Result<std::vector<options::option>> split(std::span<const char* const> words) {
  options::options_description description;
  for (const Option& option : kOptions) {
    if (option.value == nullptr)
      description.add_options()(option.name, option.explanation);
    else
      description.add_options()(option.name, options::value<std::string>(), option.explanation);
  }
  namespace style = options::command_line_style;
  try {
    return options::command_line_parser({words.begin(), words.end()})
        .options(description)
        .style(style::unix_style & ~style::allow_guessing)
        .run()
        .options;
  } catch (const options::unknown_option& error) {
    const std::string name = error.get_option_name();
    return wrong(fmt::format("unknown option '{}'{}", escaped(name, 64), hint_for(name)));
  } catch (const options::invalid_command_line_syntax& error) {
    return wrong(misuse_of(error.get_option_name()));
  } catch (const options::error& error) {
    return wrong(error.what());
  }
}

Result<> check_combination(const Arguments& arguments, const std::set<std::string>& given) {
  if (given.contains("config") && given.contains("standalone"))
    return wrong("--standalone brings its own configuration and excludes --config");
  if (arguments.accept && arguments.task != Arguments::Task::CheckStore)
    return wrong("--accept needs --fsck");
  if (arguments.rekey_pcrs && arguments.rekey_to.kind != config::KeySource::Kind::Tpm)
    return wrong("--pcrs needs --rekey tpm:PROVIDER");
  const bool is_migration = arguments.task == Arguments::Task::MigrateParsec;
  if (!is_migration && (arguments.parsec.is_dry_run || !arguments.parsec.keys.empty()))
    return wrong("--dry-run and --mbed-crypto-keys need --migrate-parsec");
  if (arguments.init && arguments.task != Arguments::Task::Serve)
    return wrong("--init is for starting the service");
  return {};
}

}  // namespace

Result<Arguments> parse_arguments(std::span<const char* const> words) {
  const std::vector<options::option> found = TRY(split(words));
  Arguments arguments{.config = config::kDefaultPath};
  std::set<std::string> given;
  for (const options::option& option : found) {
    if (option.position_key != -1)
      return wrong(fmt::format("unexpected argument '{}'", escaped(option.value.front(), 64)));
    const auto* row = std::ranges::find(kOptions, option.string_key, &Option::name);
    if (!given.insert(row->name).second) return wrong(fmt::format("--{} twice", row->name));
    const std::string value = option.value.empty() ? std::string() : option.value.front();
    if (row->value != nullptr && value.empty())
      return wrong(fmt::format("--{} needs {}", row->name, row->value));
    TRY(row->apply(arguments, value));
  }
  TRY(check_combination(arguments, given));
  return arguments;
}

std::vector<OptionDescription> describe_options() {
  std::vector<OptionDescription> all;
  all.reserve(kOptions.size());
  for (const Option& option : kOptions)
    all.push_back({.name = option.name,
                   .value = option.value == nullptr ? "" : option.value,
                   .explanation = option.explanation});
  return all;
}

std::string help_text() {
  std::string text =
      "Usage: strongroomd [OPTION]...\n"
      "Keep keys, and use them for local applications that connect to a socket.\n\n";
  for (const OptionDescription& option : describe_options()) {
    const std::string left = option.value.empty()
                                 ? fmt::format("--{}", option.name)
                                 : fmt::format("--{} {}", option.name, option.value);
    text += fmt::format("  {:<22}  {}\n", left, option.explanation);
  }
  text += fmt::format(
      "\nWithout --config the configuration is {}; {}/*.toml\n"
      "beside it is read after it. SIGHUP makes a running daemon read both again; SIGTERM and\n"
      "SIGINT stop it.\n\nExit status:\n",
      config::kDefaultPath, config::kFragments);
  for (const ExitCodeMeaning& row : kExitCodes)
    text += fmt::format("  {:<4} {}\n", std::to_underlying(row.code), row.meaning);
  return text + "\nManual: strongroomd(8), strongroom.toml(5); of the client: strongroom(1)\n";
}

}  // namespace strongroom
