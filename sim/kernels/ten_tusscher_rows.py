"""How a block of ten Tusscher cells lies in its scratch array: one row a variable.

All rows are parts of one flat array, a known distance apart. So the compiler sees that they do
not overlap and turns each pass into vector code; with separate arrays it would have to compare
every pair at run time, and gives up beyond a few.
"""

#: Cells worked on together: the scratch (10 kB) and their states (18 kB) fit the first cache.
BLOCK = 128
#: States, in the order of `sim.ten_tusscher.STATES`.
M, H, J, XR1, XR2, XS, R, S, D, F1, F2, FCASS, R_PRIME, CA_I, CA_SR, CA_SS, NA_I, K_I = range(
    0, 18 * BLOCK, BLOCK
)
STATES = 18
#: Membrane potential, stimulus, total current, and the exchanger's current.
V, STIMULUS, TOTAL, EXCHANGER = range(18 * BLOCK, 22 * BLOCK, BLOCK)
ROWS = 22
