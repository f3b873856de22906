#include "docs/man/page.h"

#include <expected>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>

#include <fmt/format.h>

namespace strongroom::manual {
namespace {

constexpr std::string_view kVersionMark = "@version@";

std::string with_version(std::string line) {
  for (auto at = line.find(kVersionMark); at != line.npos; at = line.find(kVersionMark))
    line.replace(at, kVersionMark.size(), STRONGROOM_VERSION);
  return line;
}

// "options" of a line "@options@"; else empty.
std::string_view table_named_by(std::string_view line) {
  const bool is_mark = line.size() > 2 && line.starts_with('@') && line.ends_with('@');
  return is_mark ? line.substr(1, line.size() - 2) : std::string_view();
}

using Filled = std::expected<std::string, std::string>;

// Lines between .EX and .EE are not man(7) yet, but as they are to be shown.
class Examples {
 public:
  std::string rendered(const std::string& line) {
    if (line == ".EE") is_inside_ = false;
    std::string text = is_inside_ ? plain(line) : with_version(line);
    if (line == ".EX") is_inside_ = true;
    return text + "\n";
  }

 private:
  bool is_inside_ = false;
};

Filled fill(std::istream& prose, const Tables& tables) {
  std::string page;
  Examples examples;
  std::set<std::string, std::less<>> used;
  for (std::string line; std::getline(prose, line);) {
    const std::string_view name = table_named_by(line);
    if (name.empty()) {
      page += examples.rendered(line);
      continue;
    }
    const auto table = tables.find(name);
    if (table == tables.end()) return std::unexpected(fmt::format("there is no table '{}'", name));
    used.insert(table->first);
    page += table->second();
  }
  for (const auto& [name, make] : tables)
    if (!used.contains(name)) return std::unexpected(fmt::format("table '{}' is left out", name));
  return page;
}

Filled fill(const std::filesystem::path& path, const Pages& pages) {
  const auto page = pages.find(path.stem().string());
  if (page == pages.end()) return std::unexpected("no page of this program");
  std::ifstream prose(path);
  if (!prose) return std::unexpected("it cannot be read");
  return fill(prose, page->second);
}

// What begins a request, an escape or a ligature in roff(7), and quotes that it would curve.
std::string_view escape_of(char letter) {
  switch (letter) {
    case '\\': return "\\e";
    case '-': return "\\-";
    case '\'': return "\\(aq";
    case '`': return "\\(ga";
    case '^': return "\\(ha";
    case '~': return "\\(ti";
    case '|': return "|\\:";  // a line may break behind it
    default: return {};
  }
}

}  // namespace

std::string plain(std::string_view text) {
  std::string escaped = text.starts_with('.') ? "\\&" : "";
  for (const char letter : text) {
    const std::string_view escape = escape_of(letter);
    if (escape.empty())
      escaped += letter;
    else
      escaped += escape;
  }
  return escaped;
}

std::string bold(std::string_view text) {
  return fmt::format("\\fB{}\\fR", plain(text));
}
std::string italic(std::string_view text) {
  return fmt::format("\\fI{}\\fR", plain(text));
}

std::string entry(std::string_view term, std::string_view text) {
  return fmt::format(".TP\n{}\n{}\n", term, text);
}

int render(int argc, char** argv, const Pages& pages) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " PAGE.in\n";
    return 2;
  }
  const Filled page = fill(std::filesystem::path(argv[1]), pages);
  if (!page) {
    std::cerr << argv[1] << ": " << page.error() << '\n';
    return 1;
  }
  std::cout << *page << std::flush;
  return std::cout ? 0 : 1;
}

}  // namespace strongroom::manual
