#include "client/cli/record/table.h"

#include <algorithm>
#include <numeric>
#include <ranges>

#include <fmt/format.h>

#include "client/cli/terminal/visible.h"

namespace strongroom::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 6;  // a column that gives way keeps these

// For people.
struct ShowCell {
  std::string operator()(const std::string& text) const { return visible(text); }
  std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
  std::string operator()(double number) const { return fmt::format("{:.3f}", number); }
  std::string operator()(bool is_so) const { return is_so ? "yes" : "no"; }
  std::string operator()(std::monostate) const { return "-"; }
  std::string operator()(const std::vector<std::string>& words) const {
    std::string list;
    for (const std::string& word : words)
      list += (list.empty() ? "" : ",") + visible(word);
    return list.empty() ? "-" : list;
  }
};

struct JsonCell {
  Json operator()(const std::vector<std::string>& words) const {
    return Json::Array(words.begin(), words.end());
  }
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(const auto& value) const { return value; }
};

std::string padded(std::string text, std::size_t width) {
  text.append(width - std::min(width, width_of(text)), ' ');
  return text;
}

// Cells as they are shown, of one line, without columns that are not.
using Line = std::vector<std::string>;

std::vector<std::size_t> widths_of(const std::vector<Line>& lines) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const Line& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], width_of(line[i]));
  return widths;
}

void fit(std::vector<std::size_t>& widths, std::size_t width) {
  std::size_t gaps = kGap * (widths.size() - 1);
  while (std::accumulate(widths.begin(), widths.end(), gaps) > width) {
    auto widest = std::ranges::max_element(widths);
    if (*widest <= kNarrowest) return;
    --*widest;
  }
}

std::string laid_out(const Line& line, const std::vector<std::size_t>& widths) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (i != 0) text.append(kGap, ' ');
    text += padded(cut_to_width(line[i], widths[i]), widths[i]);
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

std::string json_object(const std::vector<Column>& columns, const std::vector<Cell>& row) {
  Json::Object object;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (!columns[i].field.empty())
      object.emplace_back(columns[i].field, std::visit(JsonCell(), row.at(i)));
  return Json(std::move(object)).text();
}

}  // namespace

void Table::print_columns(std::ostream& out, const Look& look) const {
  if (rows_.empty()) return;
  std::vector<Line> lines(1);
  for (const Column& column : columns_)
    if (!column.heading.empty()) lines.front().emplace_back(column.heading);
  for (const std::vector<Cell>& row : rows_) {
    Line& line = lines.emplace_back();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (!columns_[i].heading.empty()) line.push_back(std::visit(ShowCell(), row.at(i)));
  }
  std::vector<std::size_t> widths = widths_of(lines);
  if (look.width != 0) fit(widths, look.width);
  out << look.in(Colour::Bold, laid_out(lines.front(), widths)) << '\n';
  for (const Line& line : lines | std::views::drop(1))
    out << laid_out(line, widths) << '\n';
}

void Table::print_record(std::ostream& out, const Look& look) const {
  std::size_t width = 0;
  for (const Column& column : columns_)
    width = std::max(width, width_of(column.heading));
  for (const std::vector<Cell>& row : rows_)
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].heading.empty()) continue;
      std::string heading = padded(fmt::format("{}:", columns_[i].heading), width + 1);
      out << look.in(Colour::Bold, heading) << ' ' << std::visit(ShowCell(), row.at(i)) << '\n';
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

}  // namespace strongroom::cli
