// What the other C headers need of the compiler.
#ifndef STRONGROOM_C_LANGUAGE_H
#define STRONGROOM_C_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define STRONGROOM_BEGIN extern "C" {
#define STRONGROOM_END }
#define STRONGROOM_NOEXCEPT noexcept
#define STRONGROOM_ENUM : uint32_t  // any number may be passed, as in C
#else
#define STRONGROOM_BEGIN
#define STRONGROOM_END
#define STRONGROOM_NOEXCEPT
#define STRONGROOM_ENUM
#endif

#define STRONGROOM_API __attribute__((visibility("default")))

#endif
