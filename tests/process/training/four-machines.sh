#!/bin/bash
# four-machines.sh COMMAND...: runs the command once in each of four network namespaces joined by a bridge, with torchrun's variables.
# Call it in a namespace of its own: unshare -rn bash four-machines.sh ...
set -eu
ip link add name bridge0 type bridge
ip link set bridge0 up
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
own=$(readlink /proc/self/ns/net)
machines=()
for i in 0 1 2 3; do
    unshare -n sleep 300 &
    machine=$!
    while [ "$(readlink /proc/$machine/ns/net)" = "$own" ]; do sleep 0.01; done
    ip link add name "port$i" type veth peer name eth0 netns $machine
    ip link set "port$i" master bridge0 up
    nsenter -t $machine -n ip addr add "10.77.0.$((i + 1))/24" dev eth0
    nsenter -t $machine -n ip link set eth0 up
    nsenter -t $machine -n ip link set lo up
    machines+=($machine)
done
ranks=()
for i in 3 2 1 0; do
    RANK=$i WORLD_SIZE=4 LOCAL_RANK=0 LOCAL_WORLD_SIZE=1 MASTER_ADDR=10.77.0.1 MASTER_PORT=29500 nsenter -t "${machines[$i]}" -n "$@" &
    ranks+=($!)
done
status=0
for rank in "${ranks[@]}"; do wait "$rank" || status=$?; done
exit $status
