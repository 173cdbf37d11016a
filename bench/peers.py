#!/usr/bin/env python3
"""Other solvers on the same instance files, one run each:

    peers.py SOLVER INSTANCE CPU_SECONDS SEED SOLUTION

SOLVER: vroom-1, vroom-5 (exploration level; it ends by itself), ortools, pyvrp. The solution is
written in the format that `lantoa verify` reads; processor seconds are printed. One thread each.
`peers.py --installed` prints the solvers that this Python has. None of them knows that one team
may not be in two places.

    python3 -m pip install pyvroom ortools pyvrp
"""
import importlib.util
import json
import math
import sys
import time


def read_outreach(path):
    plan = json.load(open(path))
    points = [(b["x"], b["y"]) for b in plan["bases"]]
    points += [(s["x"], s["y"]) for s in plan["sessions"]]

    def minutes(a, b):
        km = math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)
        return 0 if km == 0 else math.ceil(2 + 1.35 * km / 28 * 60)

    matrix = [[minutes(a, b) for b in points] for a in points]
    shifts = [
        (v["id"], day, v["base"], day * 1440 + v["day_start"], day * 1440 + v["day_end"])
        for v in plan["vehicles"]
        for day in range(plan["days"])
    ]
    return plan, matrix, shifts


def write_outreach(path, matrix, shifts, routes, bases):
    """routes: {shift index: [(session, start), …]}"""
    cost, out = 0, []
    for index, stops in sorted(routes.items()):
        vehicle, day, base, _, _ = shifts[index]
        way = [base] + [bases + session for session, _ in stops] + [base]
        cost += 90 + sum(matrix[a][b] for a, b in zip(way, way[1:]))
        stops = [{"session": session, "start": start} for session, start in stops]
        out.append({"vehicle": vehicle, "day": day, "stops": stops})
    json.dump({"format": "outreach-solution-1", "cost": cost, "routes": out}, open(path, "w"))


def vroom_outreach(level, path, solution):
    import numpy
    import vroom

    plan, matrix, shifts = read_outreach(path)
    bases = len(plan["bases"])
    problem = vroom.Input()
    problem.set_durations_matrix("car", numpy.array(matrix, dtype="uint32"))
    for index, (_, _, base, start, end) in enumerate(shifts):
        problem.add_vehicle(
            vroom.Vehicle(
                index, start=base, end=base, time_window=[start, end],
                costs=vroom.VehicleCosts(fixed=90),
            )
        )
    for session in plan["sessions"]:
        problem.add_job(
            vroom.Job(
                session["id"],
                location=bases + session["id"],
                default_service=session["minutes"],
                time_windows=[vroom.TimeWindow(*window) for window in session["start_windows"]],
            )
        )
    answer = problem.solve(exploration_level=level, nb_threads=1)
    routes = {}
    for step in answer.to_dict()["routes"]:
        stops = []
        for stop in step["steps"]:
            if stop["type"] == "job":
                stops.append((stop["id"], stop["arrival"] + stop["waiting_time"]))
        routes[step["vehicle"]] = stops
    write_outreach(solution, matrix, shifts, routes, bases)


def ortools_outreach(path, seconds, solution):
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    plan, matrix, shifts = read_outreach(path)
    bases, count = len(plan["bases"]), len(matrix)
    ends = [shift[2] for shift in shifts]
    manager = pywrapcp.RoutingIndexManager(count, len(shifts), ends, ends)
    model = pywrapcp.RoutingModel(manager)
    service = [0] * bases + [session["minutes"] for session in plan["sessions"]]

    occupied = [[way + service[a] for way in row] for a, row in enumerate(matrix)]
    model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(matrix))
    model.SetFixedCostOfAllVehicles(90)
    horizon = plan["days"] * 1440
    model.AddDimension(model.RegisterTransitMatrix(occupied), horizon, horizon, False, "t")
    clock = model.GetDimensionOrDie("t")
    for index, (_, _, _, start, end) in enumerate(shifts):
        clock.CumulVar(model.Start(index)).SetRange(start, end)
        clock.CumulVar(model.End(index)).SetRange(start, end)
    for session in plan["sessions"]:
        variable = clock.CumulVar(manager.NodeToIndex(bases + session["id"]))
        windows = session["start_windows"]
        variable.SetRange(windows[0][0], windows[-1][1])
        for before, after in zip(windows, windows[1:]):
            if before[1] + 1 <= after[0] - 1:
                variable.RemoveInterval(before[1] + 1, after[0] - 1)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    strategy = routing_enums_pb2.FirstSolutionStrategy
    parameters.first_solution_strategy = strategy.PARALLEL_CHEAPEST_INSERTION
    meta = routing_enums_pb2.LocalSearchMetaheuristic
    parameters.local_search_metaheuristic = meta.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromSeconds(int(seconds * 20))
    solver = model.solver()
    model.AddSearchMonitor(solver.CustomLimit(lambda: time.process_time() >= seconds))
    answer = model.SolveWithParameters(parameters)
    routes = {}
    for index in range(len(shifts)):
        stops, at = [], model.Start(index)
        while not model.IsEnd(at):
            node = manager.IndexToNode(at)
            if node >= bases:
                stops.append((node - bases, answer.Min(clock.CumulVar(at))))
            at = answer.Value(model.NextVar(at))
        if stops:
            routes[index] = stops
    write_outreach(solution, matrix, shifts, routes, bases)


def read_solomon(path):
    words = open(path).read().split()
    numbers = []
    for word in words[words.index("CAPACITY") + 1 :]:
        try:
            numbers.append(float(word))
        except ValueError:
            pass
    vehicles, capacity = int(numbers[0]), int(numbers[1])
    rest = numbers[2:]
    nodes = [rest[i : i + 7] for i in range(0, len(rest), 7)]
    matrix = [
        [int(math.sqrt((a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2) * 10) for b in nodes] for a in nodes
    ]
    return vehicles, capacity, nodes, matrix


def write_classic(path, matrix, routes):
    cost = 0
    with open(path, "w") as out:
        for number, route in enumerate(routes):
            way = [0] + list(route) + [0]
            cost += sum(matrix[a][b] for a, b in zip(way, way[1:]))
            out.write(f"Route #{number + 1}: {' '.join(map(str, route))}\n")
        out.write(f"Cost {cost // 10}.{cost % 10}\n")


def pyvrp_solomon(path, seconds, seed, solution):
    import pyvrp

    vehicles, capacity, nodes, matrix = read_solomon(path)
    model = pyvrp.Model()
    # PyVRP 0.14 keeps places and clients apart.
    places = [model.add_location(x=node[1], y=node[2]) for node in nodes]
    depot = model.add_depot(places[0])
    model.add_vehicle_type(
        vehicles, capacity=capacity, start_depot=depot, end_depot=depot,
        tw_early=int(nodes[0][4] * 10), tw_late=int(nodes[0][5] * 10),
    )
    for place, node in zip(places[1:], nodes[1:]):
        model.add_client(
            place, delivery=int(node[3]), service_duration=int(node[6] * 10),
            tw_early=int(node[4] * 10), tw_late=int(node[5] * 10),
        )
    for a, start in enumerate(places):
        for b, end in enumerate(places):
            model.add_edge(start, end, distance=matrix[a][b], duration=matrix[a][b])
    problem = model.data()

    class Limit:
        def __call__(self, best):
            return time.process_time() >= seconds

    result = pyvrp.solve(problem, stop=Limit(), seed=seed, display=False)
    routes = []
    for route in result.best.routes():
        # Clients are numbered from 0; the instance numbers customers from 1.
        routes.append([activity.idx + 1 for activity in route if activity.is_client()])
    write_classic(solution, matrix, routes)


def main():
    if sys.argv[1:] == ["--installed"]:
        known = {"vroom-1": "vroom", "vroom-5": "vroom", "ortools": "ortools", "pyvrp": "pyvrp"}
        print(" ".join(s for s, m in known.items() if importlib.util.find_spec(m)))
        return
    solver, path, seconds, seed, solution = sys.argv[1:]
    seconds, seed = float(seconds), int(seed)
    if solver.startswith("vroom-"):
        vroom_outreach(int(solver.split("-")[1]), path, solution)
    elif solver == "ortools":
        ortools_outreach(path, seconds, solution)
    elif solver == "pyvrp":
        pyvrp_solomon(path, seconds, seed, solution)
    print(json.dumps({"cpu": time.process_time()}))


main()
