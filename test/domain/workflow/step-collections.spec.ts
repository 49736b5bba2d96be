import fc from 'fast-check';
import { StepQueue } from '../../../src/domain/workflow/step-queue.js';
import { StepTable } from '../../../src/domain/workflow/step-table.js';

describe('the step table', () => {
  it('behaves as an array that is copied at each replacement', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { maxLength: 300, size: 'max' }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 30 }),
        (rows, changes) => {
          let table = StepTable.of(rows);
          let model: readonly number[] = rows;
          for (const [choice, value] of changes) {
            if (rows.length === 0) break;
            const [before, modelBefore] = [table, model];
            table = table.with(choice % rows.length, value);
            model = model.with(choice % rows.length, value);
            expect([...before]).toEqual(modelBefore);
          }
          expect([...table]).toEqual(model);
          expect(table.length).toBe(model.length);
          expect(model.map((_, index) => table.at(index))).toEqual(model);
        },
      ),
    );
  });

  it('has nothing outside', () => {
    const table = StepTable.of(['a', 'b']);
    expect([table.at(-1), table.at(2), table.at(0.5), StepTable.EMPTY.at(0)]).toEqual([undefined, undefined, undefined, undefined]);
    for (const index of [-1, 2, 64]) expect(() => table.with(index, 'c')).toThrow(RangeError);
  });
});

describe('the step queue', () => {
  it('behaves as a list: added at the end, taken from anywhere', () => {
    const operations = fc.array(fc.oneof(fc.constant(undefined), fc.nat(40), fc.constant('first' as const)), {
      maxLength: 80,
      size: 'max',
    });
    fc.assert(
      fc.property(operations, (taken) => {
        let queue = StepQueue.EMPTY;
        let model: readonly number[] = [];
        let next = 0;
        for (const what of taken) {
          const [before, modelBefore] = [queue, model];
          if (what === undefined) {
            queue = queue.add(next);
            model = [...model, next++];
          } else {
            const stepId = what === 'first' ? (model[0] ?? -1) : what;
            queue = queue.without(stepId);
            model = model.filter((id) => id !== stepId);
          }
          expect([...queue]).toEqual(model);
          expect(queue.size).toBe(model.length);
          expect([...before]).toEqual(modelBefore);
        }
      }),
    );
  });
});
