// A manual page: prose in a file, with tables in it that a program makes from its own.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace strongroom::manual {

// A table's name, and what makes it in man(7), with a line feed at its end.
using Tables = std::map<std::string, std::function<std::string()>, std::less<>>;
// "strongroom.1" and its tables.
using Pages = std::map<std::string, Tables, std::less<>>;

// UTF-8 `text` such that man(7) prints it letter for letter.
std::string plain(std::string_view text);
std::string bold(std::string_view text);
std::string italic(std::string_view text);
// An entry of a list; both are man(7) already.
std::string entry(std::string_view term, std::string_view text);

// main() of a program that is called with the path of a page's prose, "…/strongroom.1.in". Each
// line
// `@NAME@` of it gives way to the table of that name, `@version@` anywhere to the version, and what
// stands between .EX and .EE is shown letter for letter; the page goes to standard output. A table
// that the page has not, or leaves out, is a failure.
int render(int argc, char** argv, const Pages& pages);

}  // namespace strongroom::manual
