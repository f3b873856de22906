// Rows for people and for programs: aligned columns, or JSON with the columns' names as fields.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "client/cli/record/json.h"
#include "client/cli/terminal/look.h"

namespace strongroom::cli {

// Text as it came, numbers, a list of words, a yes or no, or nothing. Escaping is the printer's.
using Cell =
    std::variant<std::string, std::int64_t, double, std::vector<std::string>, bool, std::monostate>;

struct Column {
  std::string_view field;    // in JSON; stable. Empty: shown to people alone
  std::string_view heading;  // for people; empty: shown in JSON alone
};

class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns.
  void add(std::vector<Cell> row) { rows_.push_back(std::move(row)); }

  // Headings, then a line a row; an empty table prints nothing. The widest columns give way where
  // the look has a width.
  void print_columns(std::ostream& out, const Look& look = {}) const;
  // "heading: cell", one a line, for a table of one row.
  void print_record(std::ostream& out, const Look& look = {}) const;
  // An array of objects (RFC 8259), or the object of the only row.
  void print_json(std::ostream& out) const;
  void print_json_record(std::ostream& out) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace strongroom::cli
