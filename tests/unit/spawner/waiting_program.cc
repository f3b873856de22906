// Waits for the end of descriptor 3.
#include <unistd.h>

int main() {
  char octet = 0;
  while (::read(STDERR_FILENO + 1, &octet, 1) > 0) {
  }
  return 0;
}
