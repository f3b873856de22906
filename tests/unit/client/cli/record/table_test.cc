#include "client/cli/record/table.h"

#include <clocale>
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

using Print = void (Table::*)(std::ostream&) const;
using PrintWithLook = void (Table::*)(std::ostream&, const Look&) const;

std::string printed(Print print, const Table& table = example()) {
  std::ostringstream out;
  (table.*print)(out);
  return out.str();
}

std::string printed(PrintWithLook print, const Table& table = example(), const Look& look = {}) {
  std::ostringstream out;
  (table.*print)(out, look);
  return out.str();
}

class InUtf8 : public ::testing::Test {
 protected:
  InUtf8() { std::setlocale(LC_CTYPE, "C.UTF-8"); }
  ~InUtf8() override { std::setlocale(LC_CTYPE, "C"); }
};
using TableInUtf8 = InUtf8;

TEST_F(TableInUtf8, WideCharactersTakeTwoColumnsAndMarksNone) {
  Table table({{"name", "NAME"}, {"type", "TYPE"}});
  for (const char* name : {"🔑🗝", "金庫", "cle\u0301", "plain"})
    table.add({std::string(name), std::string("x")});
  EXPECT_EQ(printed(&Table::print_columns, table),
            "NAME   TYPE\n"
            "🔑🗝    x\n"
            "金庫   x\n"
            "cle\u0301    x\n"
            "plain  x\n");
}

TEST_F(TableInUtf8, WidestColumnsGiveWayOnANarrowTerminal) {
  Table table({{"name", "NAME"}, {"text", "TEXT"}});
  table.add({std::string("web"), std::string(60, 'x')});
  table.add({std::string(30, 'y'), std::string("金庫金庫金庫金庫金庫金庫")});
  std::string text = printed(&Table::print_columns, table, {.width = 20});
  EXPECT_EQ(text,
            "NAME       TEXT\n"
            "web        xxxxxxxx…\n"
            "yyyyyyyy…  金庫金庫…\n");
  EXPECT_EQ(printed(&Table::print_columns, table, {.width = 3}).find("web"), 13U);
}

TEST(Table, HeadingsAreBoldWhereThereIsColour) {
  Table table(std::vector<Column>{{"name", "NAME"}});
  table.add({std::string("web")});
  EXPECT_EQ(printed(&Table::print_columns, table, {.is_coloured = true}),
            "\x1b[1mNAME\x1b[0m\nweb\n");
  EXPECT_EQ(printed(&Table::print_record, table, {.is_coloured = true}),
            "\x1b[1mNAME:\x1b[0m web\n");
}

TEST(Table, QuotesAreShownAsTheyAre) {
  Table table(std::vector<Column>{{"name", "NAME"}});
  table.add({std::string("it's \"mine\" \\ \t")});
  EXPECT_EQ(printed(&Table::print_columns, table), "NAME\nit's \"mine\" \\\\ \\x09\n");
}

TEST(Table, TruthAndAbsenceHaveWordsOfTheirOwn) {
  Table table({{"a", "A"}, {"b", "B"}, {"", "PEOPLE"}});
  table.add({true, std::monostate(), std::string("only")});
  EXPECT_EQ(printed(&Table::print_columns, table), "A    B  PEOPLE\nyes  -  only\n");
  EXPECT_EQ(printed(&Table::print_json_record, table), "{\"a\": true, \"b\": null}\n");
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
