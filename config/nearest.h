// "Did you mean …?" for keys, words and options.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace strongroom::config {

// Insertions, deletions, substitutions and swaps of neighbours that turn one into the other, case
// apart (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that `word` most likely was meant to be: at most a third of its characters away,
// the first of several as near; else the only one that begins with it. nullopt when there is none.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates);

// "; did you mean 'strict'?", or nothing.
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace strongroom::config
