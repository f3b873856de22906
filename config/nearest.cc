#include "config/nearest.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace strongroom::config {
namespace {

// Names longer than any of ours are near to none of them, and cost nothing to refuse.
constexpr std::size_t kLongestWord = 64;

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

// What `word` is the beginning of, when that is one candidate alone.
std::optional<std::string_view> completion(std::string_view word,
                                           std::span<const std::string_view> candidates) {
  constexpr std::size_t kShortest = 3;
  if (word.size() < kShortest) return std::nullopt;
  const auto begins = [&](std::string_view candidate) { return candidate.starts_with(word); };
  const auto found = std::ranges::find_if(candidates, begins);
  if (found == candidates.end() || std::ranges::count_if(candidates, begins) > 1)
    return std::nullopt;
  return *found;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool differs = lower(a[i - 1]) != lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (differs ? 1 : 0)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, std::move(row));
  }
  return last[b.size()];
}

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > kLongestWord) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= best_distance) continue;
    best = candidate;
    best_distance = distance;
  }
  return best ? best : completion(word, candidates);
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates) {
  const std::optional<std::string_view> meant = nearest(word, candidates);
  return meant ? fmt::format("; did you mean '{}'?", *meant) : std::string();
}

}  // namespace strongroom::config
