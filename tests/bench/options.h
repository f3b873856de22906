// What the programs of the bench are told: `--name value` pairs, each name known.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace strongroom::bench {

// Ends the program with exit code 2 and a message when something is unknown, missing or no number.
class Options {
 public:
  Options(int argc, char** argv, std::initializer_list<std::string_view> known);

  bool has(std::string_view name) const { return values_.contains(name); }
  std::string text(std::string_view name) const;
  std::string text(std::string_view name, std::string_view otherwise) const;
  double number(std::string_view name, double otherwise) const;
  std::size_t count(std::string_view name, std::size_t otherwise) const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

// Prints "PROGRAM: MESSAGE" and ends the program with the code.
[[noreturn]] void die(int code, std::string_view message);
// As above, with errno's explanation.
[[noreturn]] void die_of_errno(std::string_view doing);

}  // namespace strongroom::bench
