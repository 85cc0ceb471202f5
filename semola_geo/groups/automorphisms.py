"""Automorphisms of a molecular graph, as generators of their group."""

from __future__ import annotations

from rdkit import Chem

from semola_geo.groups.permutation import PermutationSubgroup

__all__ = ["molecular_automorphisms"]


def molecular_automorphisms(mol: Chem.Mol, chirality: bool = True) -> list[tuple[int, ...]]:
    """Return generators of the automorphism group, one image list per generator.

    The group may be too large to list (alkanes exchange the hydrogens of every carbon), so the
    search follows the chain of point stabilisers: with atoms 0 … k − 1 held fixed, one substructure
    match of the molecule in itself decides whether atom k can be carried to another atom.

    Args:
        mol: A molecule; hydrogens count where they are atoms.
        chirality: Match labelled stereochemistry.

    Raises:
        TypeError: If ``mol`` is no RDKit molecule.
        ValueError: If it has no atoms.
    """
    if not isinstance(mol, Chem.Mol):
        raise TypeError(f"mol must be an RDKit Mol, got {type(mol).__name__}")
    size = mol.GetNumAtoms()
    if size == 0:
        raise ValueError("the molecule has no atoms")
    classes = _invariants(mol)
    found: list[tuple[int, ...]] = []
    # From the last atom down, so that what is found fixes the earlier atoms.
    for fixed in range(size - 2, -1, -1):
        group = PermutationSubgroup(found, size)
        orbit = {fixed, *next(o for o in group.orbits if fixed in o)}
        for image in range(fixed + 1, size):
            if image in orbit or classes[image] != classes[fixed]:
                continue
            automorphism = _match(mol, classes, fixed, image, chirality)
            if automorphism is not None:
                found.append(automorphism)
                group = PermutationSubgroup(found, size)
                orbit = set(next(o for o in group.orbits if fixed in o))
    return found


def _invariants(mol: Chem.Mol) -> list[int]:
    """Number the classes of atoms that agree in everything an atom carries and its environment."""
    # Ranks without chirality: whether mirror images count as equal is left to the match.
    ranks = Chem.CanonicalRankAtoms(mol, breakTies=False, includeChirality=False)
    keys = [
        (rank, atom.GetAtomicNum(), atom.GetIsotope(), atom.GetFormalCharge(), atom.GetDegree())
        for rank, atom in zip(ranks, mol.GetAtoms(), strict=True)
    ]
    number = {key: index for index, key in enumerate(sorted(set(keys)))}
    return [number[key] for key in keys]


def _match(
    mol: Chem.Mol, classes: list[int], fixed: int, image: int, chirality: bool
) -> tuple[int, ...] | None:
    """Find one automorphism that fixes atoms below ``fixed`` and carries ``fixed`` to ``image``."""
    # Isotopes serve as labels: a query atom with an isotope only matches the same isotope.
    source, target = Chem.Mol(mol), Chem.Mol(mol)
    offset = max(classes) + 2
    for index, label in enumerate(classes):
        one = two = label + 1
        if index < fixed:
            one = two = offset + index
        if index == fixed:
            one = offset + fixed
        if index == image:
            two = offset + fixed
        source.GetAtomWithIdx(index).SetIsotope(one)
        target.GetAtomWithIdx(index).SetIsotope(two)
    match = target.GetSubstructMatch(source, useChirality=chirality)
    return tuple(match) if match else None
