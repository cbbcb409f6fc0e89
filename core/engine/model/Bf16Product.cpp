#include "core/engine/model/Bf16Product.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/TilePanel.h"
#include "core/engine/model/VectorPanel.h"

namespace lossmith::engine {

#ifdef LOSSMITH_AVX512

using namespace bf16;

namespace {

/// How much is laid out at a time.
struct Portions {
    std::int64_t a_bytes;
    std::int64_t b_bytes;  // for each thread
};

/// Tiles are so fast that both have to stay in a core's second cache; for vectors, the third will do for `a`.
Portions portions_of(const Bf16Product& product) {
    return product.with_tiles ? Portions{1536 * 1024, 576 * 1024} : Portions{3072 * 1024, 256 * 1024};
}

constexpr std::int64_t tiles_ahead = 4;

/// Columns of `a` that are laid out at a time: with parts, fewer, so that all its rows usually are at once and no panel of b is laid out
/// twice; more where there are few rows.
constexpr std::int64_t depth_at_least(int parts) {
    return parts == 1 ? 768 : 384;
}

/// Memory that is kept from product to product.
class Room {
public:
    std::uint16_t* words(std::int64_t count) {
        if (count > m_count) {
            m_words.reset(
                static_cast<std::uint16_t*>(std::aligned_alloc(4096, static_cast<std::size_t>(tiles_of(count * 2, 4096) * 4096))));
            if (m_words == nullptr) throw std::bad_alloc();
            m_count = count;
        }
        return m_words.get();
    }

private:
    struct Free {
        void operator()(std::uint16_t* words) const { std::free(words); }
    };
    std::unique_ptr<std::uint16_t, Free> m_words;
    std::int64_t m_count = 0;
};

/// Panels first ... last - 1 of b, [panel][step][half][part]; rows are read in pieces long enough for them to be asked for ahead.
LOSSMITH_AVX512_BF16 void lay_out_group(const Bf16Product& product, const Stretch& stretch, std::int64_t first, std::int64_t last,
                                        std::uint16_t* to) {
    const std::int64_t tile = product.parts * tile_words;
    const std::int64_t halves = 2 * (last - first);
    const auto lay_out = [&](std::int64_t half, std::int64_t step) LOSSMITH_AVX512_BF16 {
        lay_out_b(product.b, stretch.k + step * depth, first * panel + half * side, product.parts,
                  to + ((half / 2 * stretch.steps + step) * 2 + half % 2) * tile);
    };
    if (product.b.column_stride != 1) {
        for (std::int64_t half = 0; half < halves; ++half)
            for (std::int64_t step = 0; step < stretch.steps; ++step) lay_out(half, step);
        return;
    }
    for (std::int64_t step = 0; step < stretch.steps; ++step)
        for (std::int64_t half = 0; half < halves; ++half) {
            const std::int64_t soon = (half + tiles_ahead) % halves;
            ask_for(product.b, stretch.k + (step + (half + tiles_ahead) / halves) * depth, first * panel + soon * side);
            lay_out(half, step);
        }
}

using MultiplyPanel = void (*)(const Bf16Product&, const Stretch&, const std::uint16_t* a, const std::uint16_t* b, std::int64_t column);

MultiplyPanel kernel_for(const Bf16Product& product) {
    if (!product.with_tiles) return vector_panel;
    return product.parts == 1 ? tile_panel<1> : product.parts == 2 ? tile_panel<2> : tile_panel<3>;
}

/// Of this thread.
class TilesInUse {
public:
    LOSSMITH_TILES explicit TilesInUse(bool wanted) : m_wanted(wanted) {
        if (m_wanted) set_up_tiles();
    }
    LOSSMITH_TILES ~TilesInUse() {
        if (m_wanted) _tile_release();
    }
    TilesInUse(const TilesInUse&) = delete;
    TilesInUse& operator=(const TilesInUse&) = delete;

private:
    bool m_wanted;
};

void multiply_panels(const Bf16Product& product, const Stretch& stretch, const std::uint16_t* a, std::int64_t first, std::int64_t last) {
    thread_local Room room;
    const std::int64_t panel_words = stretch.steps * 2 * product.parts * tile_words;
    const std::int64_t panels_at_once = std::max<std::int64_t>(1, portions_of(product).b_bytes / 2 / panel_words);
    std::uint16_t* b = room.words(panels_at_once * panel_words);
    const MultiplyPanel multiply = kernel_for(product);
    const TilesInUse tiles(product.with_tiles);
    for (std::int64_t group = first; group < last; group += panels_at_once) {
        const std::int64_t end = std::min(last, group + panels_at_once);
        lay_out_group(product, stretch, group, end, b);
        for (std::int64_t at = group; at < end; ++at) multiply(product, stretch, a, b + (at - group) * panel_words, at * panel);
    }
}

LOSSMITH_AVX512_BF16 void lay_out_stretch(const Bf16Product& product, const Stretch& stretch, std::uint16_t* to, std::int64_t first,
                                          std::int64_t last) {
    const auto lay_out = [&](std::int64_t tile, std::int64_t step) LOSSMITH_AVX512_BF16 {
        lay_out_a(product.a, stretch.row + tile * side, stretch.k + step * depth, product.parts,
                  to + (tile * stretch.steps + step) * product.parts * tile_words);
    };
    if (product.a.column_stride == 1) {
        for (std::int64_t tile = first; tile < last; ++tile)
            for (std::int64_t step = 0; step < stretch.steps; ++step) lay_out(tile, step);
        return;
    }
    const Bf16Operand pairs = transposed(product.a);
    for (std::int64_t step = 0; step < stretch.steps; ++step)
        for (std::int64_t tile = first; tile < last; ++tile) {
            ask_for(pairs, stretch.k + step * depth, stretch.row + (tile + tiles_ahead) * side);
            lay_out(tile, step);
        }
}

}  // namespace

void multiply_in_bf16(const Bf16Product& product) {
    const std::int64_t laid_out_bytes = portions_of(product).a_bytes;
    const std::int64_t step_bytes = 2 * product.parts * tile_words;  // of a tile of rows
    const std::int64_t steps = tiles_of(product.a.columns, depth);
    const std::int64_t row_tiles = tiles_of(product.a.rows, side);
    const std::int64_t fewest_steps = depth_at_least(product.parts) / depth;
    const std::int64_t most_steps = std::clamp(laid_out_bytes / (row_tiles * step_bytes), fewest_steps, 2 * fewest_steps);
    const std::int64_t steps_at_once = tiles_of(steps, tiles_of(steps, most_steps));
    const std::int64_t most_tiles = std::max<std::int64_t>(2, laid_out_bytes / (steps_at_once * step_bytes));
    const std::int64_t tiles_at_once = tiles_of(tiles_of(row_tiles, tiles_of(row_tiles, most_tiles)), 2) * 2;
    const std::int64_t panels = tiles_of(product.b.columns, panel);
    thread_local Room room;
    std::uint16_t* a = room.words(tiles_at_once * steps_at_once * product.parts * tile_words);
    for (std::int64_t tile = 0; tile < row_tiles; tile += tiles_at_once)
        for (std::int64_t step = 0; step < steps; step += steps_at_once) {
            const Stretch stretch{tile * side, std::min(tiles_at_once, row_tiles - tile), step * depth,
                                  std::min(steps_at_once, steps - step)};
            parallel_for(0, stretch.row_tiles, 2,
                         [&](std::int64_t first, std::int64_t last) { lay_out_stretch(product, stretch, a, first, last); });
            parallel_for(0, panels, 1, [&](std::int64_t first, std::int64_t last) { multiply_panels(product, stretch, a, first, last); });
        }
}

#else

void multiply_in_bf16(const Bf16Product&) {
    std::abort();
}

#endif

}  // namespace lossmith::engine
