// Thirty-two columns of a product on a processor's tiles. Included by Bf16Product.cpp alone.
#pragma once

#include "core/engine/model/Bf16Layout.h"
#include "core/engine/model/Tiles.h"

#ifdef LOSSMITH_TILES
namespace lossmith::engine::bf16 {

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
LOSSMITH_TILES inline void tile_panel(const Bf16Product& product, const Stretch& stretch, const std::uint16_t* a, const std::uint16_t* b,
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

}  // namespace lossmith::engine::bf16
#endif
