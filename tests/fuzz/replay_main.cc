// Runs a fuzz target over the files of a corpus, so that ordinary builds hold what fuzzing found.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::uint8_t> contents_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::size_t replay(const std::filesystem::path& corpus) {
  std::size_t inputs = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus)) {
    if (!entry.is_regular_file()) continue;
    // Named beforehand, so that the last line of a crash tells which input it was.
    std::cout << entry.path().filename().string() << std::endl;
    const std::vector<std::uint8_t> input = contents_of(entry.path());
    LLVMFuzzerTestOneInput(input.data(), input.size());
    ++inputs;
  }
  return inputs;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::cerr << "usage: replay CORPUS_DIRECTORY\n";
    return 2;
  }
  const std::size_t inputs = replay(argv[1]);
  std::cout << inputs << " inputs\n";
  return inputs > 0 ? 0 : 1;
}
