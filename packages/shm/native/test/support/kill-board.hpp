#pragma once

#ifndef RMQ_STEPS
#error "build with RMQ_STEPS"
#endif

#include <unistd.h>

#include <atomic>

#include "futex.hpp"
#include "step.hpp"

namespace rmq::ring::test {

constexpr int kSteps = static_cast<int>(Step::count);

inline const char* stepName(int step) {
  static const char* const names[] = {
#define RMQ_STEP_NAME(name) #name,
      RMQ_STEP_LIST(RMQ_STEP_NAME)
#undef RMQ_STEP_NAME
  };
  return step >= 0 && step < kSteps ? names[step] : "none";
}

// Where a child should stop dead, and whether it has. A child that is process 1
// of its namespace cannot kill itself, so it freezes and its parent kills it:
// nothing runs between the step and the end.
struct KillBoard {
  std::atomic<uint32_t> target{~0u};
  std::atomic<uint32_t> countdown{0};
  std::atomic<uint32_t> frozen{0};  // step + 1; also a futex
  std::atomic<uint32_t> hits[kSteps]{};

  void aim(int step, uint32_t occurrence) {
    frozen.store(0);
    countdown.store(occurrence);
    target.store(static_cast<uint32_t>(step));
  }
  void disarm() { target.store(~0u); }
};

inline KillBoard* killBoard = nullptr;

inline void freezeAtTarget(Step step) {
  KillBoard& board = *killBoard;
  const auto index = static_cast<uint32_t>(step);
  board.hits[index].fetch_add(1, std::memory_order_relaxed);
  if (board.target.load(std::memory_order_relaxed) != index) return;
  if (board.countdown.fetch_sub(1) != 1) return;
  board.frozen.store(index + 1);
  futexWake(board.frozen, kWakeAll);
  for (;;) pause();
}

// For the child.
inline void watchSteps(KillBoard* board) {
  killBoard = board;
  stepHook = board != nullptr ? freezeAtTarget : nullptr;
}

}  // namespace rmq::ring::test
