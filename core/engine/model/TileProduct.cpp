#include "core/engine/model/TileProduct.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "core/engine/devices/Parallel.h"
#include "core/engine/model/Tiles.h"

#ifdef LOSSMITH_TILES
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace lossmith::engine {

#ifdef LOSSMITH_TILES

namespace {

constexpr std::int64_t side = 16;         // rows of a tile, and fp32 columns of a tile of sums
constexpr std::int64_t depth = 32;        // bfloat16 columns of a tile of operands
constexpr std::int64_t tile_words = 512;  // 16-bit words of a tile
constexpr std::int64_t tile_row = 64;     // bytes
constexpr std::int64_t panel = 2 * side;  // columns of b at a time

/// What is laid out of `a` at a time, and of b for each thread, is to stay in a core's second cache.
constexpr std::int64_t laid_out_bytes = 1536 * 1024;
constexpr std::int64_t group_bytes = 576 * 1024;
constexpr std::int64_t tiles_ahead = 4;

/// Columns of `a` that are laid out at a time: with parts, fewer, so that all its rows usually are at once and no panel of b is laid out
/// twice; more where there are few rows.
constexpr std::int64_t depth_at_least(int parts) {
    return parts == 1 ? 768 : 384;
}

std::int64_t tiles_of(std::int64_t count, std::int64_t size) {
    return (count + size - 1) / size;
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

__mmask16 first_of(std::int64_t count) {
    return static_cast<__mmask16>(count >= side ? 0xffffU : count <= 0 ? 0U : (1U << static_cast<unsigned>(count)) - 1U);
}

/// Two times sixteen numbers, as the bfloat16 numbers nearest to them, the second sixteen behind the first.
struct Twice {
    __m512 first, second;
};

LOSSMITH_TILES_INLINE __m512i take_part(Twice& of, bool more) {
    const auto part = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(of.second, of.first));
    if (!more) return part;
    const __m512i first = _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(part)), 16);
    const __m512i second = _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(part, 1)), 16);
    of.first = _mm512_sub_ps(of.first, _mm512_castsi512_ps(first));
    of.second = _mm512_sub_ps(of.second, _mm512_castsi512_ps(second));
    // Nothing is left of what is not finite: infinity less infinity would not be a number.
    of.first = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(of.first, of.first, _CMP_ORD_Q), of.first);
    of.second = _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(of.second, of.second, _CMP_ORD_Q), of.second);
    return part;
}

/// Sixteen rows of sixteen pairs become sixteen rows of sixteen pairs, rows and columns changed over.
LOSSMITH_TILES_INLINE void transpose_pairs(std::uint16_t* tile) {
    __m512i row[16];
    __m512i next[16];
    for (int i = 0; i < 16; ++i) row[i] = _mm512_load_si512(tile + i * depth);
    for (int i = 0; i < 16; i += 2) {
        next[i] = _mm512_unpacklo_epi32(row[i], row[i + 1]);
        next[i + 1] = _mm512_unpackhi_epi32(row[i], row[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        row[i] = _mm512_unpacklo_epi64(next[i], next[i + 2]);
        row[i + 1] = _mm512_unpackhi_epi64(next[i], next[i + 2]);
        row[i + 2] = _mm512_unpacklo_epi64(next[i + 1], next[i + 3]);
        row[i + 3] = _mm512_unpackhi_epi64(next[i + 1], next[i + 3]);
    }
    // Now 128-bit lane l of row[4 g + c] holds column 4 l + c of rows 4 g ... 4 g + 3.
    for (int c = 0; c < 4; ++c) {
        const __m512i low01 = _mm512_shuffle_i32x4(row[c], row[4 + c], 0x88);   // lanes 0, 2 of the first two groups
        const __m512i high01 = _mm512_shuffle_i32x4(row[c], row[4 + c], 0xdd);  // lanes 1, 3
        const __m512i low23 = _mm512_shuffle_i32x4(row[8 + c], row[12 + c], 0x88);
        const __m512i high23 = _mm512_shuffle_i32x4(row[8 + c], row[12 + c], 0xdd);
        _mm512_store_si512(tile + (0 + c) * depth, _mm512_shuffle_i32x4(low01, low23, 0x88));
        _mm512_store_si512(tile + (4 + c) * depth, _mm512_shuffle_i32x4(high01, high23, 0x88));
        _mm512_store_si512(tile + (8 + c) * depth, _mm512_shuffle_i32x4(low01, low23, 0xdd));
        _mm512_store_si512(tile + (12 + c) * depth, _mm512_shuffle_i32x4(high01, high23, 0xdd));
    }
}

/// Numbers `at` and the fifteen behind it.
LOSSMITH_TILES_INLINE __m512 sixteen(const TileOperand& from, std::int64_t at, __mmask16 mask) {
    if (!from.bf16) return _mm512_maskz_loadu_ps(mask, static_cast<const float*>(from.values) + at);
    const __m256i bits = _mm256_maskz_loadu_epi16(mask, static_cast<const std::uint16_t*>(from.values) + at);
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

/// One tile of sixteen rows (from `row`) of thirty-two columns (from `column`) of a matrix whose columns lie side by side; zeros beyond
/// it. Part p goes to to + p * tile_words.
LOSSMITH_TILES_INLINE void lay_out_rows(const TileOperand& from, std::int64_t row, std::int64_t column, int parts, std::uint16_t* to) {
    const std::int64_t columns = from.columns - column;
    const __mmask16 first = first_of(columns);
    const __mmask16 second = first_of(columns - side);
    const std::int64_t rows = std::min(side, from.rows - row);
    for (std::int64_t r = 0; r < rows; ++r) {
        const std::int64_t at = (row + r) * from.row_stride + column;
        Twice values{sixteen(from, at, first), sixteen(from, at + side, second)};
        for (int p = 0; p < parts; ++p) _mm512_store_si512(to + p * tile_words + r * depth, take_part(values, p + 1 < parts));
    }
    for (std::int64_t r = std::max<std::int64_t>(rows, 0); r < side; ++r)
        for (int p = 0; p < parts; ++p) _mm512_store_si512(to + p * tile_words + r * depth, _mm512_setzero_si512());
}

/// One tile of sixteen pairs of rows (thirty-two from `row`) of sixteen columns (from `column`) of the same, the two numbers of a pair side
/// by side.
LOSSMITH_TILES_INLINE void lay_out_pairs(const TileOperand& from, std::int64_t row, std::int64_t column, int parts, std::uint16_t* to) {
    alignas(64) static constexpr std::uint16_t by_turns[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                                               8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    const __m512i order = _mm512_load_si512(by_turns);
    const __mmask16 mask = first_of(from.columns - column);
    for (std::int64_t pair = 0; pair < side; ++pair) {
        const std::int64_t upper = row + 2 * pair;
        const std::int64_t at = upper * from.row_stride + column;
        Twice values{sixteen(from, at, upper < from.rows ? mask : __mmask16{0}),
                     sixteen(from, at + from.row_stride, upper + 1 < from.rows ? mask : __mmask16{0})};
        for (int p = 0; p < parts; ++p)
            _mm512_store_si512(to + p * tile_words + pair * depth, _mm512_permutexvar_epi16(order, take_part(values, p + 1 < parts)));
    }
}

TileOperand transposed(const TileOperand& of) {
    return {of.values, of.bf16, of.columns, of.rows, of.column_stride, of.row_stride};
}

/// Asks for the rows of a tile that is laid out soon: they lie far from one another, which the processor does not foresee.
LOSSMITH_TILES_INLINE void ask_for(const TileOperand& b, std::int64_t k, std::int64_t column) {
    if (b.bf16) return;
    const float* values = static_cast<const float*>(b.values) + k * b.row_stride + column;
    for (std::int64_t row = 0; row < depth; ++row) _mm_prefetch(values + row * b.row_stride, _MM_HINT_T0);
}

/// a's tile of rows `row` and columns `k`, or b's of rows `k` and columns `column`.
LOSSMITH_TILES_INLINE void lay_out_a(const TileOperand& a, std::int64_t row, std::int64_t k, int parts, std::uint16_t* to) {
    if (a.column_stride == 1) return lay_out_rows(a, row, k, parts, to);
    lay_out_pairs(transposed(a), k, row, parts, to);
    for (int p = 0; p < parts; ++p) transpose_pairs(to + p * tile_words);
}
LOSSMITH_TILES_INLINE void lay_out_b(const TileOperand& b, std::int64_t k, std::int64_t column, int parts, std::uint16_t* to) {
    if (b.column_stride == 1) return lay_out_pairs(b, k, column, parts, to);
    lay_out_rows(transposed(b), column, k, parts, to);
    for (int p = 0; p < parts; ++p) transpose_pairs(to + p * tile_words);
}

/// A stretch of the product: rows from `row` (as many tiles as were laid out), all columns from `k`.
struct Stretch {
    std::int64_t row = 0;
    std::int64_t row_tiles = 0;
    std::int64_t k = 0;
    std::int64_t steps = 0;
};

/// Thirty-two rows of thirty-two sums on their way from where the tiles were stored: dest = source + sums. Stored from the tiles straight
/// to where they belong, they would keep the tiles waiting for memory.
struct Delivery {
    const float* sums = nullptr;
    const float* source = nullptr;
    std::int64_t source_stride = 0;
    float* dest = nullptr;
    std::int64_t dest_stride = 0;
    std::int64_t rows = 0;  // left
    __mmask16 left_mask = 0;
    __mmask16 right_mask = 0;

    LOSSMITH_TILES_INLINE void deliver(std::int64_t count) {
        for (; count > 0 && rows > 0; --count, --rows) {
            const __m512 left = _mm512_add_ps(_mm512_load_ps(sums), _mm512_maskz_loadu_ps(left_mask, source));
            const __m512 right = _mm512_add_ps(_mm512_load_ps(sums + side), _mm512_maskz_loadu_ps(right_mask, source + side));
            _mm512_mask_storeu_ps(dest, left_mask, left);
            _mm512_mask_storeu_ps(dest + side, right_mask, right);
            // What is to be added to the rows below these.
            _mm_prefetch(source + panel * source_stride, _MM_HINT_T0);
            _mm_prefetch(source + panel * source_stride + side, _MM_HINT_T0);
            sums += panel;
            source += source_stride;
            dest += dest_stride;
        }
    }
};

// Tiles 0 ... 3 hold sums, two rows of two; 4 and 5 operands of a, 6 and 7 of b. An operand is loaded just before it is first used: loads
// side by side would wait for one another where they come from the second cache.
#define LOSSMITH_UPPER(part) _tile_loadd(4, a + (part) * tile_words, tile_row)
#define LOSSMITH_LOWER(part) _tile_loadd(5, a + lower + (part) * tile_words, tile_row)
#define LOSSMITH_LEFT(part) _tile_loadd(6, b + (part) * tile_words, tile_row)
#define LOSSMITH_RIGHT(part) _tile_loadd(7, b + (parts + (part)) * tile_words, tile_row)
#define LOSSMITH_NEW_A(part) \
    LOSSMITH_UPPER(part);    \
    _tile_dpbf16ps(0, 4, 6); \
    _tile_dpbf16ps(1, 4, 7); \
    LOSSMITH_LOWER(part);    \
    _tile_dpbf16ps(2, 5, 6); \
    _tile_dpbf16ps(3, 5, 7)
#define LOSSMITH_NEW_B(part) \
    LOSSMITH_LEFT(part);     \
    _tile_dpbf16ps(0, 4, 6); \
    _tile_dpbf16ps(2, 5, 6); \
    LOSSMITH_RIGHT(part);    \
    _tile_dpbf16ps(1, 4, 7); \
    _tile_dpbf16ps(3, 5, 7)
#define LOSSMITH_NEW_BOTH(of_a, of_b) \
    LOSSMITH_UPPER(of_a);             \
    LOSSMITH_LEFT(of_b);              \
    _tile_dpbf16ps(0, 4, 6);          \
    LOSSMITH_RIGHT(of_b);             \
    _tile_dpbf16ps(1, 4, 7);          \
    LOSSMITH_LOWER(of_a);             \
    _tile_dpbf16ps(2, 5, 6);          \
    _tile_dpbf16ps(3, 5, 7)

/// Adds to the tiles of sums. `lower`: from a tile of a to that below it. Of the products of parts those are left out that are smaller
/// than what the numbers themselves have lost.
template <int parts>
LOSSMITH_TILES_INLINE void add_up(const std::uint16_t* a, std::int64_t lower, const std::uint16_t* b, std::int64_t steps,
                                  Delivery& delivery) {
    const std::int64_t rows_at_once = tiles_of(panel, steps);
    for (std::int64_t step = 0; step < steps; ++step, a += parts * tile_words, b += 2 * parts * tile_words) {
        delivery.deliver(rows_at_once);
        if constexpr (parts == 1) {
            LOSSMITH_NEW_BOTH(0, 0);
        } else if constexpr (parts == 2) {
            LOSSMITH_NEW_BOTH(1, 0);
            LOSSMITH_NEW_A(0);
            LOSSMITH_NEW_B(1);
        } else {
            LOSSMITH_NEW_BOTH(1, 1);
            LOSSMITH_NEW_B(0);
            LOSSMITH_NEW_A(2);
            LOSSMITH_NEW_A(0);
            LOSSMITH_NEW_B(1);
            LOSSMITH_NEW_B(2);
        }
    }
}

#undef LOSSMITH_UPPER
#undef LOSSMITH_LOWER
#undef LOSSMITH_LEFT
#undef LOSSMITH_RIGHT
#undef LOSSMITH_NEW_A
#undef LOSSMITH_NEW_B
#undef LOSSMITH_NEW_BOTH

/// Thirty-two columns of a stretch.
template <int parts>
LOSSMITH_TILES void multiply_panel(const TileProduct& product, const Stretch& stretch, const std::uint16_t* a, const std::uint16_t* b,
                                   std::int64_t column) {
    const std::int64_t columns = std::min(panel, product.b.columns - column);
    const std::int64_t tile_of_rows = stretch.steps * parts * tile_words;
    const bool fresh = stretch.k == 0 && !product.add;
    alignas(64) float start[panel] = {};
    if (product.bias != nullptr) std::copy_n(product.bias + column, columns, start);
    alignas(64) float stored[2][panel * panel];
    float* sums = stored[0];
    Delivery delivery;
    for (std::int64_t tile = 0; tile < stretch.row_tiles; tile += 2) {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
        // Where the last tile of rows stands alone, it is multiplied twice, and the second sums are not used.
        add_up<parts>(a + tile * tile_of_rows, tile + 1 < stretch.row_tiles ? tile_of_rows : 0, b, stretch.steps, delivery);
        delivery.deliver(panel);
        _tile_stored(0, sums, panel * 4);
        _tile_stored(1, sums + side, panel * 4);
        _tile_stored(2, sums + side * panel, panel * 4);
        _tile_stored(3, sums + side * panel + side, panel * 4);

        const std::int64_t row = stretch.row + tile * side;
        float* out = product.out + row * product.out_stride + column;
        delivery = {sums,
                    fresh ? start : out,
                    fresh ? 0 : product.out_stride,
                    out,
                    product.out_stride,
                    std::min(panel, product.a.rows - row),
                    first_of(columns),
                    first_of(columns - side)};
        sums = sums == stored[0] ? stored[1] : stored[0];
    }
    delivery.deliver(panel);
}

/// Panels first ... last - 1 of b, [panel][step][half][part]; rows are read in pieces long enough for them to be asked for ahead.
LOSSMITH_TILES void lay_out_group(const TileProduct& product, const Stretch& stretch, std::int64_t first, std::int64_t last,
                                  std::uint16_t* to) {
    const std::int64_t tile = product.parts * tile_words;
    const std::int64_t halves = 2 * (last - first);
    const auto lay_out = [&](std::int64_t half, std::int64_t step) LOSSMITH_TILES {
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

LOSSMITH_TILES void multiply_panels(const TileProduct& product, const Stretch& stretch, const std::uint16_t* a, std::int64_t first,
                                    std::int64_t last) {
    thread_local Room room;
    const std::int64_t panel_words = stretch.steps * 2 * product.parts * tile_words;
    const std::int64_t panels_at_once = std::max<std::int64_t>(1, group_bytes / 2 / panel_words);
    std::uint16_t* b = room.words(panels_at_once * panel_words);
    set_up_tiles();
    for (std::int64_t group = first; group < last; group += panels_at_once) {
        const std::int64_t end = std::min(last, group + panels_at_once);
        lay_out_group(product, stretch, group, end, b);
        for (std::int64_t at = group; at < end; ++at) {
            const std::uint16_t* of = b + (at - group) * panel_words;
            if (product.parts == 1)
                multiply_panel<1>(product, stretch, a, of, at * panel);
            else if (product.parts == 2)
                multiply_panel<2>(product, stretch, a, of, at * panel);
            else
                multiply_panel<3>(product, stretch, a, of, at * panel);
        }
    }
    _tile_release();
}

LOSSMITH_TILES void lay_out_stretch(const TileProduct& product, const Stretch& stretch, std::uint16_t* to, std::int64_t first,
                                    std::int64_t last) {
    const auto lay_out = [&](std::int64_t tile, std::int64_t step) LOSSMITH_TILES {
        lay_out_a(product.a, stretch.row + tile * side, stretch.k + step * depth, product.parts,
                  to + (tile * stretch.steps + step) * product.parts * tile_words);
    };
    if (product.a.column_stride == 1) {
        for (std::int64_t tile = first; tile < last; ++tile)
            for (std::int64_t step = 0; step < stretch.steps; ++step) lay_out(tile, step);
        return;
    }
    const TileOperand pairs = transposed(product.a);
    for (std::int64_t step = 0; step < stretch.steps; ++step)
        for (std::int64_t tile = first; tile < last; ++tile) {
            ask_for(pairs, stretch.k + step * depth, stretch.row + (tile + tiles_ahead) * side);
            lay_out(tile, step);
        }
}

}  // namespace

bool processor_multiplies_tiles() {
    static const bool it_does = [] {
        if (__builtin_cpu_supports("avx512bf16") == 0 || __builtin_cpu_supports("avx512bw") == 0 ||
            __builtin_cpu_supports("avx512vl") == 0 || __builtin_cpu_supports("avx512dq") == 0)
            return false;
        unsigned a = 0, b = 0, c = 0, d = 0;
        if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
        constexpr unsigned bf16_products = 1U << 22U;
        constexpr unsigned tiles = 1U << 24U;
        if ((d & bf16_products) == 0 || (d & tiles) == 0) return false;
        constexpr long ask_for_state = 0x1023;  // ARCH_REQ_XCOMP_PERM
        constexpr long state_of_tiles = 18;     // XFEATURE_XTILEDATA
        return ::syscall(SYS_arch_prctl, ask_for_state, state_of_tiles) == 0;
    }();
    return it_does;
}

void multiply_with_tiles(const TileProduct& product) {
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

bool processor_multiplies_tiles() {
    return false;
}

void multiply_with_tiles(const TileProduct&) {
    std::abort();
}

#endif

}  // namespace lossmith::engine
