#include "fork-guard.hpp"

#include <pthread.h>
#include <unistd.h>

#include "ring.hpp"

namespace rmq::ring {

struct ForkList {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  ForkGuard* head = nullptr;

  static ForkList& instance() {
    static ForkList* list = [] {
      auto* l = new ForkList;  // never destroyed: forks happen during exit too
      pthread_atfork([] { pthread_mutex_lock(&instance().mutex); },
                     [] { pthread_mutex_unlock(&instance().mutex); },
                     [] {
                       instance().closeAll();
                       pthread_mutex_unlock(&instance().mutex);
                     });
      return l;
    }();
    return *list;
  }

  void closeAll() {
    for (ForkGuard* g = head; g != nullptr; g = g->next_) {
      if (*g->fd_ >= 0) close(*g->fd_);
      *g->fd_ = -1;
      g->ring_->abandon();
    }
  }
};

void ForkGuard::arm(int* fd, Ring* ring) {
  ForkList& list = ForkList::instance();
  pthread_mutex_lock(&list.mutex);
  fd_ = fd;
  ring_ = ring;
  prev_ = nullptr;
  next_ = list.head;
  if (next_ != nullptr) next_->prev_ = this;
  list.head = this;
  pthread_mutex_unlock(&list.mutex);
}

void ForkGuard::disarm() {
  if (fd_ == nullptr) return;
  ForkList& list = ForkList::instance();
  pthread_mutex_lock(&list.mutex);
  if (prev_ != nullptr) prev_->next_ = next_;
  else list.head = next_;
  if (next_ != nullptr) next_->prev_ = prev_;
  fd_ = nullptr;
  pthread_mutex_unlock(&list.mutex);
}

void ForkGuard::inChild() { ForkList::instance().closeAll(); }

}  // namespace rmq::ring
