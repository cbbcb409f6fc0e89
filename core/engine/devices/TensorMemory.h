// Where the processor's large tensors lie: side by side in one long piece of memory on large pages, apart from all else that is allocated.
//
// A training step takes and frees the same hundreds of megabytes again and again. From the common heap, small things that live longer come
// to lie between them, and what is free falls into pieces too short for the next step's tensors: a run then takes up to a fifth more than
// its tensors need. Given back to the system instead, each page would have to be cleared anew, which costs more than the arithmetic.
#pragma once

namespace lossmith::engine {

/// From now on, for the process's life. Where the system does not give the room, and in a build with a sanitizer, tensors stay where
/// LibTorch puts them. Called again, does nothing.
void keep_tensors_together();

}  // namespace lossmith::engine
