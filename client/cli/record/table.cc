#include "client/cli/format/table.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/bytes.h"
#include "base/utf8.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kLongestCell = 1024;  // the longest key name, in bytes

// For people.
struct ShowCell {
  std::string operator()(const std::string& text) const { return escaped(text, kLongestCell); }
  std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
  std::string operator()(double number) const { return fmt::format("{:.3f}", number); }
  std::string operator()(const std::vector<std::string>& words) const {
    std::string list;
    for (const std::string& word : words)
      list += (list.empty() ? "" : ",") + escaped(word);
    return list.empty() ? "-" : list;
  }
};

struct JsonCell {
  std::string operator()(const std::string& text) const { return json_string(text); }
  std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
  std::string operator()(double number) const { return fmt::format("{:.3f}", number); }
  std::string operator()(const std::vector<std::string>& words) const {
    std::string list;
    for (const std::string& word : words)
      list += (list.empty() ? "" : ", ") + json_string(word);
    return fmt::format("[{}]", list);
  }
};

std::string shown(const Cell& cell) {
  return std::visit(ShowCell(), cell);
}

// Columns of a terminal, taken as one a code point: neither marks nor wide characters are known.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

void append_padded(std::string& line, std::string_view text, std::size_t width) {
  if (!line.empty()) line += "  ";
  line += text;
  line.append(width - std::min(width, width_of(text)), ' ');
}

void print_line(std::ostream& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out << line << '\n';
}

std::string json_object(const std::vector<Column>& columns, const std::vector<Cell>& row) {
  std::string object;
  for (std::size_t i = 0; i < columns.size(); ++i)
    object += fmt::format("{}{}: {}", i == 0 ? "" : ", ", json_string(columns[i].field),
                          std::visit(JsonCell(), row.at(i)));
  return fmt::format("{{{}}}", object);
}

}  // namespace

void Table::print_columns(std::ostream& out) const {
  if (rows_.empty()) return;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    std::size_t width = width_of(columns_[i].heading);
    for (const std::vector<Cell>& row : rows_)
      width = std::max(width, width_of(shown(row.at(i))));
    widths.push_back(width);
  }
  std::string headings;
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (!columns_[i].heading.empty()) append_padded(headings, columns_[i].heading, widths[i]);
  print_line(out, headings);
  for (const std::vector<Cell>& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (!columns_[i].heading.empty()) append_padded(line, shown(row.at(i)), widths[i]);
    print_line(out, line);
  }
}

void Table::print_record(std::ostream& out) const {
  std::size_t width = 0;
  for (const Column& column : columns_)
    width = std::max(width, width_of(column.heading));
  for (const std::vector<Cell>& row : rows_)
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].heading.empty()) continue;
      std::string line;
      append_padded(line, fmt::format("{}:", columns_[i].heading), width + 1);
      print_line(out, line + " " + shown(row.at(i)));
    }
}

void Table::print_json(std::ostream& out) const {
  out << '[';
  for (std::size_t i = 0; i < rows_.size(); ++i)
    out << (i == 0 ? "\n  " : ",\n  ") << json_object(columns_, rows_[i]);
  out << (rows_.empty() ? "]\n" : "\n]\n");
}

void Table::print_json_record(std::ostream& out) const {
  out << json_object(columns_, rows_.at(0)) << '\n';
}

std::string json_string(std::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    std::size_t length = utf8_sequence_length(text);
    auto first = static_cast<unsigned char>(text.front());
    if (length == 0)
      quoted += "\\ufffd";
    else if (first == '"' || first == '\\')
      quoted += fmt::format("\\{}", text.front());
    else if (first < 0x20 || first == 0x7f)
      quoted += fmt::format("\\u{:04x}", first);
    else
      quoted += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return quoted + "\"";
}

}  // namespace strongroom::cli
