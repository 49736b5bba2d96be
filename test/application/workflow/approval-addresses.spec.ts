import { Sequences } from '../../../src/application/ids/sequences.js';
import { ApprovalAddresses } from '../../../src/application/workflow/approval-addresses.js';
import { sharedStore } from '../support/test-store.js';

const store = sharedStore();
const addresses = () => new ApprovalAddresses(store().log, new Sequences(store().log));

describe('the address of an approval', () => {
  it('leads to its step, in every process', async () => {
    const [first, second] = await Promise.all([
      addresses().assign({ workflowId: 1, stepId: 2 }),
      addresses().assign({ workflowId: 3, stepId: 4 }),
    ]);
    expect(first).not.toBe(second);
    expect(await addresses().find(first)).toEqual({ workflowId: 1, stepId: 2 });
    expect(await addresses().find(second)).toEqual({ workflowId: 3, stepId: 4 });
  });

  it('is missing for an id that was never given', async () => {
    expect(await addresses().find(1_000)).toBeUndefined();
  });
});
