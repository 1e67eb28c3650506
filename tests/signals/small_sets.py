"""Tiny data sets by the published layouts, for tests without data; made of our own numbers."""

import csv

import numpy as np

FS_HZ = 100


def write_table(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


def write_record(stem, leads, *, fs_hz=FS_HZ, comments=(), samples=20):
    """A WFDB record in format 16: lead k holds k + 1 uV times the sample's number."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    stored = np.outer(np.arange(samples), np.arange(1, len(leads) + 1)).astype("<i2")
    stem.with_suffix(".dat").write_bytes(stored.tobytes())
    lines = [f"{stem.name} {len(leads)} {fs_hz} {samples}"]
    for k, lead in enumerate(leads):
        total = int(stored[:, k].sum())
        lines.append(f"{stem.name}.dat 16 1000.0(0)/mV 16 0 {stored[0, k]} {total} 0 {lead}")
    lines += [f"#{comment}" for comment in comments]
    stem.with_suffix(".hea").write_text("\n".join(lines) + "\n")


TWELVE = ("I", "II", "III", "AVR", "AVL", "AVF", "V1", "V2", "V3", "V4", "V5", "V6")


def make_ptb_xl(root):
    rows = [
        ptb_row(1, 7, 56, 1, "{'NORM': 100.0, 'SR': 0.0}", 3),
        ptb_row(2, 7, 300, 0, "{'IMI': 35.0, 'NDT': 100.0}", 3, infarction_stadium1="Stadium III"),
        ptb_row(3, 8, 44, 0, "{'AFIB': 0.0, 'LAO/LAE': 50.0}", 10),
        ptb_row(4, 9, 30, 0, "{'NORM': 80.0}", 9),  # its signals are not here
    ]
    write_table(root / "ptbxl_database.csv", rows)
    classes = {"NORM": "NORM", "IMI": "MI", "NDT": "STTC", "LAO/LAE": "HYP", "AFIB": ""}
    statements = [{"": code, "diagnostic_class": name} for code, name in classes.items()]
    write_table(root / "scp_statements.csv", statements)
    for k in (1, 2):
        write_record(root / f"records100/00000/0000{k}_lr", TWELVE)
    for k in (2, 3):
        write_record(root / f"records500/00000/0000{k}_hr", TWELVE, fs_hz=500)
    return root


def ptb_row(number, patient, age, sex, codes, fold, **more):
    return {
        "ecg_id": number,
        "patient_id": f"{patient}.0",
        "age": f"{age}.0",
        "sex": sex,
        "report": "sinusrhythmus, lagetyp normal",
        "scp_codes": codes,
        "strat_fold": fold,
        "filename_lr": f"records100/00000/0000{number}_lr",
        "filename_hr": f"records500/00000/0000{number}_hr",
        "infarction_stadium1": "",
        **more,
    }


def make_mitdb(root):
    said = {"100": "69 M 1085 1629 x1", "201": "68 M 1960 2851 x1", "202": "68 M 1960 2851 x1"}
    for name, comment in {**said, "104": "66 F 1567 694 x1", "103": "-1 M 742 654 x1"}.items():
        write_record(root / name, ("MLII", "V1"), fs_hz=360, comments=[comment, "Digoxin"])
    (root / "RECORDS").write_text("100\n101\n103\n104\n201\n202\n")  # 101 is not here
    return root


def make_ludb(root):
    row = {"ID": "1", "Sex": "F\n", "Age": "51\n", "Rhythms": "Sinus bradycardia\n"}
    rows = [
        row | {"Hypertrophies": "Left ventricular overload\nLeft ventricular hypertrophy"},
        row | {"ID": "2", "Sex": "M\n", "Age": ">89\n", "Rhythms": "Atrial fibrillation"},
        row | {"ID": "3"},
    ]
    columns = (
        "Electric axis of the heart",
        "Conduction abnormalities",
        "Extrasystolies",
        "Cardiac pacing",
        "Ischemia",
        "Non-specific repolarization abnormalities",
        "Other states",
    )
    write_table(root / "ludb.csv", [row | dict.fromkeys(columns, "") for row in rows])
    for k in (1, 2):
        write_record(root / f"data/{k}", [lead.lower() for lead in TWELVE], fs_hz=500)
    return root


def make_bidmc(root):
    subjects = {"bidmc06": "s03386", "bidmc07": "s03386", "bidmc08": "s09483"}
    for name, subject in subjects.items():
        age = "NaN <sex>: ?" if name == "bidmc08" else "90+ <sex>: F"
        said = f"<age>: {age} <location>: micu <source>: x.org/matched/{subject}/ <data>: 1"
        write_record(root / name, ("RESP, ", "PLETH, ", "II, "), fs_hz=125, comments=[said])
    write_record(root / "bidmc06n", ("HR, ", "RESP, "), fs_hz=1, comments=["x"])
    (root / "RECORDS").write_text("\n".join(subjects))
    return root


def make_eegmat(root):
    import pyedflib

    rows = [
        {"Subject": "Subject00", "Age": 21, "Gender": "F", "Count quality": 0},
        {"Subject": "Subject01", "Age": 18, "Gender": "M", "Count quality": 1},
    ]
    write_table(root / "subject-info.csv", [r | {"Number of subtractions": 9.7} for r in rows])
    for name in ("Subject00_1", "Subject00_2", "Subject01_1"):
        with pyedflib.EdfWriter(str(root / f"{name}.edf"), 1) as file:
            file.setSignalHeader(
                0,
                {
                    "label": "ECG ECG",
                    "dimension": "mV",
                    "sample_frequency": 500,
                    "physical_min": -1.0,
                    "physical_max": 1.0,
                    "digital_min": -32768,
                    "digital_max": 32767,
                    "transducer": "",
                    "prefilter": "",
                },
            )
            file.writeSamples([np.zeros(500)])
    (root / "RECORDS").write_text("Subject00_1.edf\nSubject00_2.edf\nSubject01_1.edf\n")
    return root


def make_echonext(root):
    from cardiotwin.signals.echonext import FLAGS

    rows = []
    for k, split in enumerate(("train", "val", "train", "no_split")):
        flags = {flag: int(flag == FLAGS[k] or (k == 0 and flag == FLAGS[-1])) for flag in FLAGS}
        rows.append(
            {
                "ecg_key": f"e{k}",
                "patient_key": f"p{k // 2 * 2 if split == 'train' else k}",
                "split": split,
                "sex": "Female" if k else "Male",
                "age_at_ecg": 60 + k,
                "ventricular_rate": 70,
                **flags,
            }
        )
    write_table(root / "echonext_metadata_100k.csv", rows)
    rng = np.random.default_rng(0)
    for split, count in {"train": 2, "val": 1}.items():
        np.save(root / f"EchoNext_{split}_waveforms.npy", rng.normal(size=(count, 1, 2500, 12)))
        np.save(
            root / f"EchoNext_{split}_tabular_features.npy",
            np.arange(count * 7.0).reshape(count, 7),
        )
    return root


def make_code15(root):
    rows = []
    for k, part in enumerate((0, 0, 1)):
        flags = {
            name: k == 1 and name == "AF" for name in ("1dAVb", "RBBB", "LBBB", "SB", "AF", "ST")
        }
        rows.append(
            {
                "exam_id": 100 + k,
                "age": 40 + k,
                "is_male": k == 0,
                "patient_id": 7 if k < 2 else 8,
                "normal_ecg": k == 0,
                "death": "",
                "timey": "",
                "trace_file": f"exams_part{part}.hdf5",
                **flags,
            }
        )
    write_table(root / "exams.csv", rows)
    (root / "exams_part0.hdf5").touch()  # the other part is not here
    return root


def make_load_reports(root, *, file, column, person):
    """Two participants of two sessions; 11 s of ECG with one gap, two reports."""
    for who in ("1", "12"):
        for session in ("1", "2"):
            rows = [
                {"Timestamp": k / 512, "ECG LL-RA CAL": k, "ECG LA-RA CAL": 2 * k}
                for k in range(5632)
            ]
            rows[5]["ECG LA-RA CAL"] = ""
            write_table(root / "ECG" / person.format(who) / file.format(session), rows)
        reports = [{column.format(1): 3, column.format(2): 5}, {column.format(1): "7.0"}]
        write_table(root / "Labels" / f"{person.format(who)}.csv", reports)
    return root


def make_clare(root):
    return make_load_reports(
        root, file="ecg_data_experiment_{}.csv", column="level_{}", person="{}"
    )


def make_cl_drive(root):
    return make_load_reports(
        root, file="ecg_data_level_{}.csv", column="lvl_{}", person="participant_ID_{}"
    )


#: How to make each set that the package knows.
SMALL_SETS = {
    "mitdb": make_mitdb,
    "ptb-xl": make_ptb_xl,
    "ludb": make_ludb,
    "bidmc": make_bidmc,
    "eegmat": make_eegmat,
    "echonext": make_echonext,
    "code15": make_code15,
    "clare": make_clare,
    "cl-drive": make_cl_drive,
}
