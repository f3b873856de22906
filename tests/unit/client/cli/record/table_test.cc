#include "client/cli/format/table.h"

#include <sstream>

#include <gmock/gmock.h>

namespace strongroom::cli {
namespace {

Table example() {
  Table table({{"name", "NAME"}, {"bits", ""}, {"usage", "USAGE"}, {"provider", "PROVIDER"}});
  table.add({std::string("web"), std::int64_t{256}, std::vector<std::string>{"sign", "verify"},
             std::string("tpm")});
  table.add({std::string("größe\x1b[2J"), std::int64_t{128}, std::vector<std::string>(),
             std::string("software")});
  return table;
}

std::string printed(void (Table::*print)(std::ostream&) const, const Table& table = example()) {
  std::ostringstream out;
  (table.*print)(out);
  return out.str();
}

TEST(Table, ColumnsAreAlignedAndTextIsEscaped) {
  EXPECT_EQ(printed(&Table::print_columns),
            "NAME          USAGE        PROVIDER\n"
            "web           sign,verify  tpm\n"
            "größe\\x1b[2J  -            software\n");
}

TEST(Table, EmptyTablePrintsNothingForPeopleAndAnArrayForPrograms) {
  Table table(std::vector<Column>{{"name", "NAME"}});
  EXPECT_EQ(printed(&Table::print_columns, table), "");
  EXPECT_EQ(printed(&Table::print_json, table), "[]\n");
}

TEST(Table, JsonHasEveryFieldAndTheTextUnescapedForTerminals) {
  EXPECT_EQ(printed(&Table::print_json),
            "[\n"
            R"(  {"name": "web", "bits": 256, "usage": ["sign", "verify"], "provider": "tpm"},)"
            "\n"
            R"(  {"name": "größe\u001b[2J", "bits": 128, "usage": [], "provider": "software"})"
            "\n]\n");
}

TEST(Table, RecordHasALineAField) {
  Table table({{"name", "name"}, {"bits", ""}, {"provider", "provider"}});
  table.add({std::string("web"), std::int64_t{256}, std::string("tpm")});
  EXPECT_EQ(printed(&Table::print_record, table), "name:     web\nprovider: tpm\n");
  EXPECT_EQ(printed(&Table::print_json_record, table),
            "{\"name\": \"web\", \"bits\": 256, \"provider\": \"tpm\"}\n");
}

TEST(JsonString, IsValidForAnyBytes) {
  EXPECT_EQ(json_string("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\"");
  EXPECT_EQ(json_string("\xff🔑"), "\"\\ufffd🔑\"");
}

}  // namespace
}  // namespace strongroom::cli
