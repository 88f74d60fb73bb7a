#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "step.hpp"
#include "sync.hpp"

namespace rmq::ring {

// Payload bytes may be overwritten while a lapped reader copies them; the
// reader finds out afterwards and throws the copy away. Under ThreadSanitizer
// the arena side is accessed by relaxed words, so that only races nobody
// validates are reported.
#ifdef RMQ_TSAN
inline void copyIn(uint8_t* arena, const void* source, size_t length) {
  const auto* s = static_cast<const uint8_t*>(source);
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    uint64_t v;
    std::memcpy(&v, s + i, 8);
    __atomic_store_n(reinterpret_cast<uint64_t*>(arena + i), v, __ATOMIC_RELAXED);
  }
  for (; i < length; ++i) __atomic_store_n(arena + i, s[i], __ATOMIC_RELAXED);
}
inline void copyOut(void* target, const uint8_t* arena, size_t length) {
  auto* t = static_cast<uint8_t*>(target);
  size_t i = 0;
  for (; i + 8 <= length; i += 8) {
    const uint64_t v = __atomic_load_n(reinterpret_cast<const uint64_t*>(arena + i), __ATOMIC_RELAXED);
    std::memcpy(t + i, &v, 8);
  }
  for (; i < length; ++i) t[i] = __atomic_load_n(arena + i, __ATOMIC_RELAXED);
}
#else
inline void copyBytes(void* target, const void* source, size_t length) {
  if (length != 0) std::memcpy(target, source, length);
}
inline void copyIn(uint8_t* arena, const void* source, size_t length) {
#ifdef RMQ_STEPS
  const size_t half = length / 2;
  copyBytes(arena, source, half);
  RMQ_STEP(payloadHalf);
  copyBytes(arena + half, static_cast<const uint8_t*>(source) + half, length - half);
#else
  copyBytes(arena, source, length);
#endif
}
inline void copyOut(void* target, const uint8_t* arena, size_t length) {
#ifdef RMQ_STEPS
  const size_t half = length / 2;
  copyBytes(target, arena, half);
  RMQ_STEP(readHalf);
  copyBytes(static_cast<uint8_t*>(target) + half, arena + half, length - half);
#else
  copyBytes(target, arena, length);
#endif
}
#endif

}  // namespace rmq::ring
