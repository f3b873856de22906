#include "client/cli/format/words.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace strongroom::cli {

std::unexpected<Failure> unknown_word(std::string_view what, std::string_view word,
                                      std::string_view advice) {
  return failed(ExitCode::Usage,
                fmt::format("reading the command line: '{}' is no {}", escaped(word), what),
                std::string(advice));
}

}  // namespace strongroom::cli
