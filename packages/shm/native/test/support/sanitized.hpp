#pragma once

namespace rmq::ring::test {

// Sanitizers cost a factor of ten: fewer seeds then.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSlow = true;
#else
constexpr bool kSlow = false;
#endif

}  // namespace rmq::ring::test
