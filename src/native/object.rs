//! An object as the host holds it: four vtable pointers, then the state.

use super::abi::*;
use super::guard::guard;
use super::host::Connection;
use super::memory::{HostMemory, OutOfMemory};
use super::text::terminated;
use super::variant;
use super::vtables;
use crate::addin::{Argument, ClassInfo, Component, Failure, Host, Shared, Value};
use crate::bilingual;
use crate::error::{Code, Error, Language, Result};
use std::cell::UnsafeCell;
use std::ffi::{c_long, c_void};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::time::{Duration, Instant};

/// How long the end of an object waits for a call that still runs in another thread.
const LAST_CALL_LIMIT: Duration = Duration::from_secs(10);

/// More arguments than this are never declared, and never read.
const MOST_ARGUMENTS: usize = 32;
/// Up to this many arguments are read without allocation.
const USUAL_ARGUMENTS: usize = 16;

/// An object of a class. The host sees its first four words.
///
/// 1C makes the calls of one object one after another, perhaps from different threads. `running` keeps out a call
/// that comes in while another one runs (from an event handler, or asynchronously): such a call may only cancel.
/// After `Done` nobody gives the object back, so an ordinary call need not ask whether it is done.
#[repr(C)]
pub(super) struct Object {
    bases: IComponentBase,
    class: &'static dyn ClassInfo,
    shared: Arc<Shared>,
    memory: AtomicPtr<c_void>,
    connection: Arc<Connection>,
    running: AtomicBool,
    done: AtomicBool,
    component: UnsafeCell<Box<dyn Component>>,
}

/// The right to use the component, given to one call at a time.
struct Running<'a>(&'a Object);

impl Running<'_> {
    fn component(&mut self) -> &mut dyn Component {
        // SAFETY: `running` was false when this value was made, so it is the only one of its object.
        unsafe { &mut **self.0.component.get() }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.store(false, Ordering::Release);
    }
}

impl Object {
    /// Makes an object of `class`; [`Object::release`] frees it.
    pub(super) fn create(class: &'static dyn ClassInfo) -> *mut Self {
        let connection = Arc::<Connection>::default();
        let component = class.create(Arc::clone(&connection) as Arc<dyn Host>);
        Box::into_raw(Box::new(Self {
            bases: vtables::bases(),
            class,
            shared: component.shared(),
            memory: AtomicPtr::default(),
            connection,
            running: AtomicBool::new(false),
            done: AtomicBool::new(false),
            component: UnsafeCell::new(component),
        }))
    }

    /// Ends the object's work and frees it (`free` false: only its contents). False if a call would not end in
    /// time: then the object is left to itself, which is better than pulling memory from under a thread.
    ///
    /// # Safety
    /// `object` came from [`Object::create`] and is not used afterwards.
    pub(super) unsafe fn release(object: *mut Self, free: bool) -> bool {
        // SAFETY: the object lives until the end of this function.
        let ended = guard(false, || unsafe { &*object }.end());
        if ended {
            guard((), || {
                // SAFETY: nobody uses the object any more; the host gives it up.
                unsafe {
                    if free {
                        drop(Box::from_raw(object));
                    } else {
                        ptr::drop_in_place(object);
                    }
                }
            });
        }
        ended
    }

    /// `Done`: stops a running call, ends background work, lets go of the host. True if nothing runs any more.
    pub(super) fn end(&self) -> bool {
        let until = Instant::now() + LAST_CALL_LIMIT;
        loop {
            if self.is_done() {
                return true;
            }
            if let Some(mut running) = self.enter() {
                running.component().finish();
                self.done.store(true, Ordering::Release);
                std::mem::forget(running);
                break;
            }
            self.shared.cancel_token().cancel();
            if Instant::now() >= until {
                self.connection.close();
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.connection.close();
        true
    }

    /// One call at a time: whoever finds the object free takes it.
    #[inline]
    fn enter(&self) -> Option<Running<'_>> {
        (!self.running.swap(true, Ordering::Acquire)).then(|| Running(self))
    }

    /// # Safety
    /// As [`Connection::open`].
    pub(super) unsafe fn init(&self, connection: *mut c_void) -> bool {
        // SAFETY: passed on.
        unsafe { self.connection.open(connection) }
    }

    pub(super) fn set_memory(&self, manager: *mut c_void) -> bool {
        self.memory.store(manager, Ordering::Release);
        !manager.is_null()
    }

    fn memory(&self) -> Option<HostMemory> {
        // SAFETY: the host keeps its memory manager as long as the object.
        unsafe { HostMemory::new(self.memory.load(Ordering::Acquire)) }
    }

    /// A text that the host frees; null if there is none or no memory for it.
    pub(super) fn host_text(&self, text: Option<&str>) -> *mut WCHAR_T {
        let block = text.and_then(|text| self.memory()?.text(text).ok());
        block.map_or(ptr::null_mut(), |(block, _)| block.as_ptr())
    }

    pub(super) fn class(&self) -> &'static dyn ClassInfo {
        self.class
    }

    /// # Safety
    /// `code` is null or NUL-terminated.
    pub(super) unsafe fn suggest_language(&self, code: *const WCHAR_T) {
        // SAFETY: passed on.
        if let (Some(code), Some(mut running)) = (unsafe { terminated(code) }, self.enter()) {
            running.component().suggest_language(&String::from_utf16_lossy(&code));
        }
    }

    /// # Safety
    /// `value` is null or writable.
    pub(super) unsafe fn get(&self, property: c_long, value: *mut Variant) -> bool {
        // SAFETY: passed on; the host may hand in an uninitialised variant.
        unsafe { put(value, variant::empty()) };
        let Ok(number) = usize::try_from(property) else { return false };
        let Some(mut running) = self.enter() else {
            return match self.class.concurrent_get(number, &self.shared).filter(|_| !self.is_done()) {
                // SAFETY: passed on.
                Some(constant) => self.written(constant).is_some_and(|result| unsafe { put(value, result) }),
                None => self.refuse_busy(),
            };
        };
        let result = running.component().get(number);
        // SAFETY: passed on.
        unsafe { self.finish(running, result, value) }
    }

    /// # Safety
    /// `value` is null or a variant of the host.
    pub(super) unsafe fn set(&self, property: c_long, value: *const Variant) -> bool {
        let Ok(number) = usize::try_from(property) else { return false };
        let Some(mut running) = self.enter() else { return self.refuse_busy() };
        let given = if value.is_null() {
            variant::empty()
        } else {
            // SAFETY: the host gave a readable variant; it is copied without regard to alignment.
            unsafe { value.read_unaligned() }
        };
        // SAFETY: texts of the variant live during this call.
        let argument = unsafe { variant::read(&given) };
        let result = running.component().set(number, &argument).map(|()| Value::Undefined);
        // SAFETY: null is allowed.
        unsafe { self.finish(running, result, ptr::null_mut()) }
    }

    /// # Safety
    /// `result` is null or writable, `parameters` is null or an array of `count` variants.
    #[inline]
    pub(super) unsafe fn call(
        &self,
        method: c_long,
        result: *mut Variant,
        parameters: *const Variant,
        count: c_long,
    ) -> bool {
        let Ok(number) = usize::try_from(method) else {
            // SAFETY: passed on; the host may hand in an uninitialised variant.
            unsafe { put(result, variant::empty()) };
            return false;
        };
        let count = if parameters.is_null() { 0 } else { usize::try_from(count).unwrap_or(0) };
        if count == 0 {
            // SAFETY: passed on.
            return unsafe { self.call_with(number, &[], result) };
        }
        // SAFETY: passed on.
        unsafe { self.call_with_parameters(number, result, parameters, count) }
    }

    /// # Safety
    /// `result` is null or writable, `parameters` is an array of `count` variants.
    // Apart, so that a call without parameters has no room for them on its stack.
    #[inline(never)]
    unsafe fn call_with_parameters(
        &self,
        number: usize,
        result: *mut Variant,
        parameters: *const Variant,
        count: usize,
    ) -> bool {
        let count = count.min(MOST_ARGUMENTS);
        // SAFETY: `at` stays below the number of variants that the host gave.
        let argument = |at| unsafe { variant::read(&parameters.add(at).read_unaligned()) };
        if count <= USUAL_ARGUMENTS {
            let mut arguments = [const { Argument::Omitted }; USUAL_ARGUMENTS];
            for (at, slot) in arguments.iter_mut().take(count).enumerate() {
                *slot = argument(at);
            }
            // SAFETY: passed on.
            unsafe { self.call_with(number, arguments.get(..count).unwrap_or_default(), result) }
        } else {
            let arguments: Vec<_> = (0..count).map(argument).collect();
            // SAFETY: passed on.
            unsafe { self.call_with(number, &arguments, result) }
        }
    }

    /// # Safety
    /// `result` is null or writable.
    #[inline]
    unsafe fn call_with(&self, method: usize, arguments: &[Argument<'_>], result: *mut Variant) -> bool {
        let Some(mut running) = self.enter() else {
            // SAFETY: passed on.
            return unsafe { self.call_beside(method, arguments, result) };
        };
        let outcome = running.component().call(method, arguments);
        // SAFETY: passed on.
        unsafe { self.finish(running, outcome, result) }
    }

    /// A call while another one of the same object runs.
    ///
    /// # Safety
    /// `result` is null or writable.
    #[cold]
    unsafe fn call_beside(&self, method: usize, arguments: &[Argument<'_>], result: *mut Variant) -> bool {
        // SAFETY: passed on; the host may hand in an uninitialised variant.
        unsafe { put(result, variant::empty()) };
        if self.is_done() {
            return false;
        }
        match self.class.concurrent_call(method, &self.shared, arguments) {
            // SAFETY: passed on.
            Some(value) => self.written(value).is_some_and(|value| unsafe { put(result, value) }),
            None => self.refuse_busy(),
        }
    }

    /// Writes the result for the host, or tells it of the failure.
    ///
    /// # Safety
    /// `target` is null or writable.
    #[inline(always)]
    unsafe fn finish(&self, running: Running<'_>, outcome: Result<Value>, target: *mut Variant) -> bool {
        // SAFETY: passed on; whatever follows, the host gets a variant that is written completely.
        unsafe { put(target, variant::empty()) };
        if matches!(outcome, Ok(Value::Undefined)) {
            // Nothing to drop: spares the usual call the look at every kind of value.
            std::mem::forget(outcome);
            return true;
        }
        // SAFETY: passed on.
        unsafe { self.finish_with(running, outcome, target) }
    }

    /// # Safety
    /// `target` is null or writable.
    #[inline(never)]
    unsafe fn finish_with(
        &self,
        mut running: Running<'_>,
        outcome: Result<Value>,
        target: *mut Variant,
    ) -> bool {
        match outcome {
            Ok(_) if target.is_null() => true,
            Ok(value) => match variant::write(value, self.memory()) {
                // SAFETY: passed on.
                Ok(written) => unsafe { put(target, written) },
                Err(OutOfMemory) => self.fail(&mut running, out_of_memory()),
            },
            Err(error) => self.fail(&mut running, error),
        }
    }

    /// The default of a parameter; false for a mandatory one.
    ///
    /// # Safety
    /// `value` is null or writable.
    pub(super) unsafe fn default(&self, method: c_long, parameter: c_long, value: *mut Variant) -> bool {
        let numbers = (usize::try_from(method), usize::try_from(parameter));
        let (Ok(method), Ok(parameter)) = numbers else { return false };
        // SAFETY: passed on.
        unsafe { put(value, variant::empty()) };
        let default = self.class.parameter_default(method, parameter);
        match default.and_then(|default| variant::write_default(default, self.memory())) {
            // SAFETY: passed on.
            Some(Ok(written)) => unsafe { put(value, written) },
            _ => false,
        }
    }

    /// A panic went through the call: keep it as the last error and tell the host.
    ///
    /// # Safety
    /// `result` is null or writable.
    #[cold]
    pub(super) unsafe fn refuse_panic(&self, result: *mut Variant) -> bool {
        // SAFETY: passed on.
        unsafe { put(result, variant::empty()) };
        let internal = Error::new(
            Code::Internal,
            bilingual!(
                "Внутренняя ошибка внешней компоненты. Подробности в журнале; сообщите о ней разработчикам.",
                "Internal error of the add-in. The journal tells more; please report it."
            ),
        );
        match self.enter() {
            Some(mut running) => self.fail(&mut running, internal),
            None => self.refuse_busy(),
        }
    }

    /// Keeps an error as the last one and tells the host, unless BSL wants no exceptions.
    fn fail(&self, running: &mut Running<'_>, error: Error) -> bool {
        let Failure { raise, text } = running.component().note_failure(error);
        if raise {
            self.connection.add_error(self.class.name(), &text);
        }
        !raise
    }

    /// Another call of this object runs: nothing of it may be touched, not even its last error.
    #[cold]
    fn refuse_busy(&self) -> bool {
        if self.is_done() {
            return false;
        }
        let busy = bilingual!(
            "Объект занят: выполняется другой его вызов. Дождитесь его или вызовите Прервать().",
            "The object is busy with another call. Wait for it or call Cancel()."
        );
        self.connection.add_error(self.class.name(), busy.in_language(Language::default()));
        false
    }

    fn is_done(&self) -> bool {
        self.done.load(Ordering::Acquire)
    }

    fn written(&self, value: Value) -> Option<Variant> {
        variant::write(value, self.memory()).ok()
    }
}

/// Puts a variant where the host wants it; true also for null, because the host may not want it.
///
/// # Safety
/// `target` is null or writable.
unsafe fn put(target: *mut Variant, value: Variant) -> bool {
    if !target.is_null() {
        // SAFETY: the host gave a writable place; its old content is not freed, it may be uninitialised.
        unsafe { target.write_unaligned(value) };
    }
    true
}

fn out_of_memory() -> Error {
    Error::new(
        Code::Memory,
        bilingual!(
            "1С не выделила память для результата. Передавайте данные меньшими частями.",
            "1C gave no memory for the result. Pass the data in smaller portions."
        ),
    )
}
