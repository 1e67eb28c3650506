"""Queue of the nodes that the wave has yet to leave, earliest first: a heap of four children.

`queue` (n, 2) int32 holds the heap of nodes in its first column and each node's position in it
(-1: nowhere) in the second, so that a node which is reached earlier than it was moves forward.
`clock` (n, 2) float64 holds each node's time in its first column.
"""

import numba as nb

TIME, SETTLED = 0, 1
NODE, PLACE = 0, 1


@nb.njit(cache=True, nogil=True)
def rise(clock, queue, k, node):
    """Put `node` into position k of the queue or nearer to its front."""
    while k > 0:
        parent = (k - 1) >> 2
        other = queue[parent, NODE]
        if clock[other, TIME] <= clock[node, TIME]:
            break
        queue[k, NODE] = other
        queue[other, PLACE] = k
        k = parent
    queue[k, NODE] = node
    queue[node, PLACE] = k


@nb.njit(cache=True, nogil=True)
def push(clock, queue, size, node):
    """Queue `node`, or move it forward when it is queued; new size of the queue."""
    k = queue[node, PLACE]
    if k < 0:
        k = size
        size += 1
    rise(clock, queue, k, node)
    return size


@nb.njit(cache=True, nogil=True)
def pop(clock, queue, size):
    """Take the earliest node out of a queue of `size` nodes."""
    earliest = queue[0, NODE]
    queue[earliest, PLACE] = -1
    size -= 1
    if size == 0:
        return earliest
    node = queue[size, NODE]
    k = 0
    while 4 * k + 1 < size:
        child = 4 * k + 1
        for c in range(child + 1, min(child + 4, size)):
            if clock[queue[c, NODE], TIME] < clock[queue[child, NODE], TIME]:
                child = c
        other = queue[child, NODE]
        if clock[node, TIME] <= clock[other, TIME]:
            break
        queue[k, NODE] = other
        queue[other, PLACE] = k
        k = child
    queue[k, NODE] = node
    queue[node, PLACE] = k
    return earliest
